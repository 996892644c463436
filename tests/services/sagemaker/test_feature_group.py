"""A feature group's features are checked, added to and described."""

import pytest

from clary.core.exchange import Document
from tests.services.sagemaker.conftest import Lab

NAMED = {"FeatureGroupName": "g"}
FEATURES = [
    {"FeatureName": "id", "FeatureType": "Integral"},
    {"FeatureName": "time", "FeatureType": "Fractional"},
]
GOOD: Document = {
    **NAMED,
    "RecordIdentifierFeatureName": "id",
    "EventTimeFeatureName": "time",
    "FeatureDefinitions": FEATURES,
}


def test_the_offline_store_says_where_its_files_lie(lab: Lab) -> None:
    offline = {"S3StorageConfig": {"S3Uri": "s3://lab/store/"}}
    lab("CreateFeatureGroup", **GOOD, OfflineStoreConfig=offline, RoleArn="r")
    seen = lab("DescribeFeatureGroup", **NAMED)
    uri = seen["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    assert uri.startswith("s3://lab/store/111111111111/sagemaker/us-east-1/offline-store/g-")
    assert (seen["FeatureGroupStatus"], seen["OfflineStoreStatus"]) == ("Created", {"Status": "Active"})
    found = lab("ListFeatureGroups", OfflineStoreStatusEquals="Active")["FeatureGroupSummaries"]
    assert [one["FeatureGroupName"] for one in found] == ["g"]
    lab("CreateFeatureGroup", **{**GOOD, "FeatureGroupName": "online"})
    for order, names in (("Ascending", ["online", "g"]), ("Descending", ["g", "online"])):
        found = lab("ListFeatureGroups", SortBy="OfflineStoreStatus", SortOrder=order)[
            "FeatureGroupSummaries"
        ]
        assert [one["FeatureGroupName"] for one in found] == names


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"RecordIdentifierFeatureName": "x"}, "RecordIdentifierFeatureName 'x' is not among"),
        ({"EventTimeFeatureName": "id"}, "must be String or Fractional, not Integral"),
        ({"FeatureDefinitions": [*FEATURES, FEATURES[0]]}, "must be unique within a feature group: 'id'"),
    ],
)
def test_features_that_do_not_fit_are_refused(lab: Lab, changes: Document, words: str) -> None:
    assert words in lab.refused("CreateFeatureGroup", **{**GOOD, **changes})


def test_features_are_added(lab: Lab) -> None:
    lab("CreateFeatureGroup", **GOOD)
    more = [{"FeatureName": "price", "FeatureType": "Fractional"}]
    lab("UpdateFeatureGroup", **NAMED, FeatureAdditions=more)
    seen = lab("DescribeFeatureGroup", **NAMED)
    assert seen["FeatureDefinitions"] == [*FEATURES, *more]
    assert seen["LastUpdateStatus"] == {"Status": "Successful"}
    assert "'price'" in lab.refused("UpdateFeatureGroup", **NAMED, FeatureAdditions=more)


def test_what_is_said_of_a_feature_is_kept_and_taken_back(lab: Lab) -> None:
    lab("CreateFeatureGroup", **GOOD)
    feature = {**NAMED, "FeatureName": "id"}
    said = [{"Key": "unit", "Value": "none"}, {"Key": "owner", "Value": "ada"}]
    lab("UpdateFeatureMetadata", **feature, Description="who", ParameterAdditions=said)
    lab("UpdateFeatureMetadata", **feature, ParameterRemovals=["owner"])
    seen = lab("DescribeFeatureMetadata", **feature)
    assert (seen["Description"], seen["Parameters"]) == ("who", said[:1])
    assert "Could not find feature 'x'" in lab.refused("DescribeFeatureMetadata", **NAMED, FeatureName="x")
