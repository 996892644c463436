"""A group of versions has a policy of its own and stays while it has versions."""

from tests.services.sagemaker.conftest import Lab

NAMED = {"ModelPackageGroupName": "Prices"}


def test_a_policy_is_put_read_and_deleted(lab: Lab) -> None:
    arn = lab("CreateModelPackageGroup", **NAMED)["ModelPackageGroupArn"]
    assert arn.endswith(":model-package-group/prices")
    assert "Could not find a resource policy" in lab.refused("GetModelPackageGroupPolicy", **NAMED)
    assert "not valid JSON" in lab.refused("PutModelPackageGroupPolicy", ResourcePolicy="no", **NAMED)
    assert lab("PutModelPackageGroupPolicy", ResourcePolicy="{}", **NAMED) == {"ModelPackageGroupArn": arn}
    assert lab("GetModelPackageGroupPolicy", ModelPackageGroupName=arn) == {"ResourcePolicy": "{}"}
    lab("DeleteModelPackageGroupPolicy", **NAMED)
    assert "Could not find a resource policy" in lab.refused("DeleteModelPackageGroupPolicy", **NAMED)


def test_what_is_not_there_has_no_policy(lab: Lab) -> None:
    assert "Could not find model package group" in lab.refused("GetModelPackageGroupPolicy", **NAMED)


def test_no_group_is_another_accounts(lab: Lab) -> None:
    lab("CreateModelPackageGroup", **NAMED)
    for option, count in (("SameAccount", 1), ("CrossAccount", 0)):
        found = lab("ListModelPackageGroups", CrossAccountFilterOption=option)
        assert len(found["ModelPackageGroupSummaryList"]) == count
