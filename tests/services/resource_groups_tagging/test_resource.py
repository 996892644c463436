"""Resources of all services are found by their tags, types and ARNs."""

import pytest

from clary.core.exchange import Document
from clary.engine.platform import Platform
from tests.services.resource_groups_tagging.conftest import ACCOUNT, HOME, Ask, found, refused


def test_all_that_have_tags_are_told_by_their_arns(tagging: Ask, made: list[str]) -> None:
    answer = tagging("GetResources")
    assert (found(answer), answer["PaginationToken"]) == (made, "")
    assert answer["ResourceTagMappingList"][1]["Tags"] == [
        {"Key": "stage", "Value": "live"},
        {"Key": "team", "Value": "b"},
    ]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({"TagFilters": [{"Key": "team"}]}, [0, 1, 2, 3]),
        ({"TagFilters": [{"Key": "team", "Values": ["a"]}]}, [0, 2]),
        ({"TagFilters": [{"Key": "stage", "Values": ["test", "live"]}]}, [1, 4]),
        ({"TagFilters": [{"Key": "team", "Values": ["b"]}, {"Key": "stage"}]}, [1]),
        ({"TagFilters": [{"Key": "none"}]}, []),
        ({"ResourceTypeFilters": ["sagemaker"]}, [2, 3, 4]),
        ({"ResourceTypeFilters": ["sagemaker:image", "s3"]}, [1, 4]),
        ({"ResourceTypeFilters": ["iam:user", "s3:bucket"]}, [0, 1]),
        ({"ResourceTypeFilters": ["iam:role", "sagemaker:model", "ec2:instance"]}, []),
        ({"ResourceTypeFilters": ["sagemaker", "sagemaker:image"]}, [2, 3, 4]),
        ({"ResourceTypeFilters": ["sagemaker"], "TagFilters": [{"Key": "team", "Values": ["b"]}]}, [3]),
    ],
)
def test_they_are_narrowed_by_tags_and_types(
    tagging: Ask, made: list[str], asked: Document, places: list[int]
) -> None:
    assert found(tagging("GetResources", **asked)) == [made[place] for place in places]


def test_pages_have_everything_once(tagging: Ask, made: list[str]) -> None:
    arns: list[str] = []
    token = ""
    while True:
        page = tagging("GetResources", ResourcesPerPage=2, PaginationToken=token)
        arns += found(page)
        token = page["PaginationToken"]
        if not token:
            break
        assert len(found(page)) == 2
    assert arns == made


def test_a_page_holds_so_many_tags_and_no_resource_is_split(tagging: Ask, user: str, bucket: str) -> None:
    tagging("TagResources", ResourceARNList=[bucket], Tags={f"k{n}": "" for n in range(50)})
    tagging("TagResources", ResourceARNList=[user], Tags={f"k{n}": "" for n in range(49)})
    page = tagging("GetResources", TagsPerPage=100)
    assert (found(page), page["PaginationToken"]) == ([user, bucket], "")
    tagging("UntagResources", ResourceARNList=[bucket], TagKeys=["k0"])
    assert len(found(tagging("GetResources", TagsPerPage=100))) == 2


def test_those_named_are_told_as_far_as_they_are_there(tagging: Ask, made: list[str], user: str) -> None:
    others = [f"{HOME}experiment/bare", f"{HOME}experiment/none", "arn:aws:s3:::others", "arn:aws:ec2:::x"]
    asked = [made[3], *others, user, user.replace("/lab/", "/")]
    assert found(tagging("GetResources", ResourceARNList=asked)) == [made[3], user]


def test_what_is_there_complies_with_the_policies_that_are_not(tagging: Ask, made: list[str]) -> None:
    answer = tagging("GetResources", IncludeComplianceDetails=True)
    assert all(one["ComplianceDetails"]["ComplianceStatus"] for one in answer["ResourceTagMappingList"])
    asked = {"IncludeComplianceDetails": True, "ExcludeCompliantResources": True}
    assert found(tagging("GetResources", **asked)) == []


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"ResourceARNList": ["arn:a"], "TagFilters": [{"Key": "a"}]}, "together with TagFilters"),
        ({"ResourceARNList": ["arn:a"], "ResourcesPerPage": 2}, "together with ResourcesPerPage"),
        ({"ResourcesPerPage": 101}, "ResourcesPerPage must be from 1 to 100"),
        ({"ResourcesPerPage": 0}, "ResourcesPerPage must be from 1 to 100"),
        ({"TagsPerPage": 99}, "TagsPerPage must be from 100 to 500"),
        ({"TagFilters": [{"Values": ["a"]}]}, "must have a Key"),
        ({"TagFilters": [{"Key": "a"}, {"Key": "a"}]}, "stands twice"),
        ({"ResourceTypeFilters": [":bucket"]}, "not of the form"),
        ({"PaginationToken": "forged!"}, "PaginationToken was not given out"),
        ({"ExcludeCompliantResources": True}, "only be used with IncludeComplianceDetails"),
    ],
)
def test_what_does_not_go_together_is_refused(tagging: Ask, asked: Document, words: str) -> None:
    assert words in refused(tagging, "GetResources", **asked)


def test_log_groups_are_found_by_their_tags_and_tagged(platform: Platform, tagging: Ask) -> None:
    platform.logs.create_group("/mine", 0, {"team": "logs"})
    platform.logs.create_group("/bare", 0)
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:"
    wanted = {"TagFilters": [{"Key": "team", "Values": ["logs"]}], "ResourceTypeFilters": ["logs:log-group"]}
    (found,) = tagging("GetResources", **wanted)["ResourceTagMappingList"]
    assert found == {"ResourceARN": f"{arn}/mine", "Tags": [{"Key": "team", "Value": "logs"}]}
    asked = {"ResourceARNList": [f"{arn}/bare", f"{arn}/none"]}
    assert list(tagging("TagResources", Tags={"team": "logs"}, **asked)["FailedResourcesMap"]) == [
        f"{arn}/none"
    ]
    assert len(tagging("GetResources", **wanted)["ResourceTagMappingList"]) == 2
    tagging("UntagResources", TagKeys=["team"], ResourceARNList=[f"{arn}/bare"])
    assert platform.logs.group("/bare").tags == {}
