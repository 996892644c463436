"""The tags of all services by unmodified boto3: found, put and taken away in one place."""

import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import REPOSITORY, Lab, Server


def test_resources_of_three_services_are_found_by_one_tag(server: Server, lab: Lab) -> None:
    tagging, iam = server.client("resourcegroupstaggingapi"), server.client("iam")
    mark = lab.name("mark")
    tag = {"Key": mark, "Value": "a"}
    group = lab.sagemaker.create_model_package_group(ModelPackageGroupName=mark, Tags=[tag])
    lab.s3.create_bucket(Bucket=mark)
    lab.s3.put_bucket_tagging(Bucket=mark, Tagging={"TagSet": [tag]})
    user = iam.create_user(UserName=mark, Tags=[tag])["User"]["Arn"]
    arns = {group["ModelPackageGroupArn"], f"arn:aws:s3:::{mark}", user}

    def found(**asked: object) -> set[str]:
        pages = tagging.get_paginator("get_resources").paginate(
            TagFilters=[{"Key": mark}], PaginationConfig={"PageSize": 1}, **asked
        )
        return {one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]}

    assert found() == arns
    assert found(ResourceTypeFilters=["s3", "iam:user"]) == arns - {group["ModelPackageGroupArn"]}
    assert mark in {
        key for page in tagging.get_paginator("get_tag_keys").paginate() for key in page["TagKeys"]
    }
    tagging.tag_resources(ResourceARNList=[user], Tags={mark: "b"})
    assert tagging.get_tag_values(Key=mark)["TagValues"] == ["a", "b"]
    gone = group["ModelPackageGroupArn"] + "-none"
    failed = tagging.untag_resources(ResourceARNList=[*arns, gone], TagKeys=[mark])["FailedResourcesMap"]
    assert set(failed) == {gone}
    assert found() == set()
    with pytest.raises(ClientError) as refusal:
        tagging.get_resources(ResourcesPerPage=1000)
    assert refusal.value.response["Error"]["Code"] == "InvalidParameterException"
    iam.delete_user(UserName=mark)
    lab.s3.delete_bucket(Bucket=mark)


def test_the_program_of_the_how_to(server: Server) -> None:
    text = (REPOSITORY / "docs/how-to/find-by-tags.md").read_text()
    done = server.python("-c", text.partition("```python\n")[2].partition("```")[0])
    assert done.returncode == 0, done.stderr
    assert "arn:aws:s3:::houses [{'Key': 'team', 'Value': 'prices'}]" in done.stdout.splitlines()
