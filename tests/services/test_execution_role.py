"""What a job runs has a session of its role."""

from clary.engine.platform import Platform
from clary.services import execution_role
from clary.services.iam.credential import Credentials
from clary.services.iam.directory import Directory

ROLE = "arn:aws:iam::999999999999:role/service-role/Trainer"


def test_a_session_speaks_for_the_role_until_it_is_ended(platform: Platform) -> None:
    key = execution_role.begin(platform, ROLE, 100)
    known = Credentials(Directory(platform.resources, platform.site.account))
    found = known.find(key)
    assert found is not None
    assert found.caller.arn == "arn:aws:sts::111111111111:assumed-role/Trainer/SageMaker"
    assert execution_role.variables(platform, key) == {
        "AWS_ENDPOINT_URL": platform.site.url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": found.secret,
        "AWS_SESSION_TOKEN": found.token,
    }
    execution_role.end(platform, key)
    assert known.find(key) is None
    assert execution_role.variables(platform, key) == {}
    execution_role.end(platform, key)


def test_without_a_session_nothing_is_told(platform: Platform) -> None:
    assert execution_role.variables(platform, None) == {}
