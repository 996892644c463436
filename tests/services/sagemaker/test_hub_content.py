"""The content of a private hub has versions, and shows its highest."""

import pytest

from clary.core.exchange import Document
from tests.services.sagemaker.conftest import Lab

NAMED = {"HubName": "h", "HubContentType": "Model", "HubContentName": "m"}
LISTED = {"HubName": "h", "HubContentType": "Model"}


@pytest.fixture
def hub(lab: Lab) -> Lab:
    lab("CreateHub", HubName="h", HubDescription="ours")
    return lab


def bring(hub: Lab, **changes: str) -> str:
    given = {**NAMED, "DocumentSchemaVersion": "2.0.0", "HubContentDocument": "{}", **changes}
    return str(hub("ImportHubContent", **given)["HubContentArn"])


def shown(hub: Lab, **params: str) -> Document:
    return hub("DescribeHubContent", **NAMED, **params)


def test_the_highest_version_is_shown(hub: Lab) -> None:
    assert bring(hub, HubContentVersion="9.0.0").endswith(":hub-content/h/model/m/9.0.0")
    bring(hub, HubContentVersion="10.0.0")
    bring(hub, HubContentVersion="2.0.0", HubContentDescription="old")
    assert bring(hub).endswith("/10.1.0")
    seen = shown(hub)
    assert (seen["HubContentVersion"], seen["HubContentStatus"]) == ("10.1.0", "Available")
    assert seen["HubContentArn"].endswith("/10.1.0")
    assert shown(hub, HubContentVersion="2.0.0")["HubContentDescription"] == "old"
    assert len(hub("ListHubContents", **LISTED)["HubContentSummaries"]) == 1
    found = hub("ListHubContentVersions", **NAMED, SortOrder="Ascending")["HubContentSummaries"]
    assert [one["HubContentVersion"] for one in found] == ["9.0.0", "10.0.0", "2.0.0", "10.1.0"]
    again = {"HubContentVersion": "2.0.0", "DocumentSchemaVersion": "2.0.0", "HubContentDocument": "{}"}
    assert "already exists" in hub.refused("ImportHubContent", **NAMED, **again)


def test_a_version_is_changed_and_deleted_by_number(hub: Lab) -> None:
    bring(hub, HubContentVersion="1.0.0")
    bring(hub, HubContentVersion="1.1.0")
    hub("UpdateHubContent", **NAMED, HubContentVersion="1.1.0", HubContentDisplayName="M")
    assert shown(hub)["HubContentDisplayName"] == "M"
    hub("DeleteHubContent", **NAMED, HubContentVersion="1.1.0")
    assert shown(hub)["HubContentVersion"] == "1.0.0"
    assert "still uses it" in hub.refused("DeleteHub", HubName="h")
    hub("DeleteHubContent", **NAMED, HubContentVersion="1.0.0")
    assert "Could not find hub content" in hub.refused("DescribeHubContent", **NAMED)
    absent = {**NAMED, "HubContentVersion": "1.0.0"}
    assert "Could not find hub content" in hub.refused("DeleteHubContent", **absent)
    hub("DeleteHub", HubName="h")
    assert "Could not find hub" in hub.refused("ListHubContents", **LISTED)


def test_lists_are_bounded_by_versions_and_by_those_of_schemas(hub: Lab) -> None:
    bring(hub, HubContentVersion="1.9.0", DocumentSchemaVersion="2.9.0")
    bring(hub, HubContentVersion="1.10.0", DocumentSchemaVersion="2.10.0")
    bring(hub, HubContentName="other", DocumentSchemaVersion="3.0.0")

    def versions(**bounds: str) -> list[str]:
        found = hub("ListHubContentVersions", **NAMED, **bounds)["HubContentSummaries"]
        return sorted(one["HubContentVersion"] for one in found)

    assert versions(MinVersion="1.10.0") == ["1.10.0"]
    assert versions(MinVersion="1.9.0") == ["1.10.0", "1.9.0"]
    assert versions(MaxSchemaVersion="2.9.0") == ["1.9.0"]
    assert versions(MinVersion="1.10.0", MaxSchemaVersion="2.9.0") == []
    found = hub("ListHubContents", **LISTED, MaxSchemaVersion="2.10.0")["HubContentSummaries"]
    assert [one["HubContentName"] for one in found] == ["m"]
    assert hub("ListHubContents", **LISTED, MaxSchemaVersion="2.9.0")["HubContentSummaries"] == []
