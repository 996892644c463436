"""Feature groups by SDK v2, as far as they are records: their data is not kept yet."""

from collections.abc import Callable

import pandas as pd
import pytest
import sagemaker
from botocore.exceptions import ClientError
from sagemaker.feature_store.feature_definition import FractionalFeatureDefinition
from sagemaker.feature_store.feature_group import FeatureGroup
from sagemaker.feature_store.inputs import FeatureParameter

from tests.sdks.conftest import BUCKET, ROLE


def test_a_feature_group_is_defined_by_a_table_and_grows(
    session: sagemaker.Session, name: Callable[[str], str]
) -> None:
    table = pd.DataFrame({"id": ["a", "b"], "time": [1.0, 2.0], "age": [30, 40]})
    table["id"] = table["id"].astype("string")
    group = FeatureGroup(name=name("v2-features"), sagemaker_session=session)
    group.load_feature_definitions(table)
    group.create(
        s3_uri=f"s3://{BUCKET}/v2-features",
        record_identifier_name="id",
        event_time_feature_name="time",
        role_arn=ROLE,
        enable_online_store=True,
        description="who they are",
        tags=[{"Key": "team", "Value": "a"}],
    )
    found = group.describe()
    assert found["FeatureGroupStatus"] == "Created"
    assert found["OnlineStoreConfig"]["EnableOnlineStore"] is True
    assert found["OfflineStoreConfig"]["S3StorageConfig"]["S3Uri"] == f"s3://{BUCKET}/v2-features"
    assert {one["FeatureName"]: one["FeatureType"] for one in found["FeatureDefinitions"]} == {
        "id": "String",
        "time": "Fractional",
        "age": "Integral",
    }
    assert group.list_tags() == [{"Key": "team", "Value": "a"}]
    assert "CREATE EXTERNAL TABLE" in group.as_hive_ddl()

    group.update([FractionalFeatureDefinition(feature_name="height")])
    assert group.describe()["FeatureDefinitions"][-1]["FeatureName"] == "height"
    group.update_feature_metadata(
        "height", description="in metres", parameter_additions=[FeatureParameter(key="unit", value="m")]
    )
    assert group.describe_feature_metadata("height")["Description"] == "in metres"
    assert group.list_parameters_for_feature_metadata("height") == [{"Key": "unit", "Value": "m"}]

    for order in ("Name", "CreationTime", "FeatureGroupStatus", "OfflineStoreStatus"):
        narrowed = {"NameContains": group.name, "SortBy": order, "OfflineStoreStatusEquals": "Active"}
        listed = session.sagemaker_client.list_feature_groups(**narrowed)["FeatureGroupSummaries"]
        assert [one["FeatureGroupName"] for one in listed] == [group.name]
    group.delete()
    with pytest.raises(ClientError, match=r"not find|not exist"):
        group.describe()
