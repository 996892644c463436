"""Users, roles and policies bear tags that are put on them later too."""

import pytest

from clary.core.exchange import Document
from tests.services.conftest import Desk
from tests.services.iam.conftest import TRUST, policy, refused

TAGS = [{"Key": "team", "Value": "a"}, {"Key": "stage", "Value": "live"}]


@pytest.fixture
def names(iam: Desk) -> dict[str, Document]:
    """What names an entity of each noun."""
    iam("CreateUser", UserName="ada")
    iam("CreateRole", RoleName="runs", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "old", "Value": ""}])
    made = iam("CreatePolicy", PolicyName="reads", PolicyDocument=policy())["Policy"]["Arn"]
    return {"User": {"UserName": "ada"}, "Role": {"RoleName": "runs"}, "Policy": {"PolicyArn": made}}


@pytest.mark.parametrize("noun", ["User", "Role", "Policy"])
def test_tags_are_put_listed_and_taken_away(iam: Desk, names: dict[str, Document], noun: str) -> None:
    iam(f"Tag{noun}", **names[noun], Tags=TAGS)
    iam(f"Untag{noun}", **names[noun], TagKeys=["old", "none"])
    iam(f"Tag{noun}", **names[noun], Tags=[{"Key": "team", "Value": "b"}])
    listed = iam(f"List{noun}Tags", **names[noun])
    assert listed == {"Tags": [TAGS[1], {"Key": "team", "Value": "b"}], "IsTruncated": False}
    page = iam(f"List{noun}Tags", **names[noun], MaxItems=1)
    assert (page["Tags"], page["IsTruncated"]) == ([TAGS[1]], True)
    assert iam(f"Get{noun}", **names[noun])[noun]["Tags"] == listed["Tags"]
    iam(f"Untag{noun}", **names[noun], TagKeys=["team", "stage"])
    assert "Tags" not in iam(f"Get{noun}", **names[noun])[noun]


def test_what_rules_forbid_is_refused(iam: Desk, names: dict[str, Document]) -> None:
    assert refused(iam, "TagUser", UserName="nobody", Tags=TAGS) == ("NoSuchEntity", 404)
    reserved = [{"Key": "aws:team", "Value": "a"}]
    assert refused(iam, "TagUser", UserName="ada", Tags=reserved) == ("InvalidInput", 400)
    iam("TagUser", UserName="ada", Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    assert refused(iam, "TagUser", UserName="ada", Tags=TAGS) == ("LimitExceeded", 409)
