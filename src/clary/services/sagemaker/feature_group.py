"""FeatureGroup: the features of a store, their types and what is said of them; a record."""

from collections.abc import Iterable
from typing import Any

from clary.core import clock, errors
from clary.core.exchange import Context, Document, Reply
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.store.resources import Row

_TIMES = ("String", "Fractional")


class FeatureGroup(Record):
    """``private`` holds what is said of single features, by name."""

    viewed = ("NextToken",)

    def __init__(self) -> None:
        super().__init__(
            "FeatureGroup",
            Traits(
                status="Created",
                filters={"OfflineStoreStatusEquals": "OfflineStoreStatus.Status"},
                merges=("OnlineStoreConfig",),
                sorts={"OfflineStoreStatus": "OfflineStoreStatus.Status"},
            ),
        )

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Check the features; say where the offline store keeps its files."""
        features = doc["FeatureDefinitions"]
        _check_names(features)
        types = {feature["FeatureName"]: feature.get("FeatureType", "String") for feature in features}
        for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
            if doc[member] not in types:
                raise errors.validation(
                    f"{member} {doc[member]!r} is not among the FeatureDefinitions: {', '.join(types)}."
                )
        time = doc["EventTimeFeatureName"]
        if types[time] not in _TIMES:
            raise errors.validation(
                f"The event time feature {time!r} must be String or Fractional, not {types[time]}."
            )
        doc = super().prepare(platform, ctx, doc)
        offline = doc.get("OfflineStoreConfig")
        return {**doc, **_offline(platform, doc, offline)} if offline else doc

    def view(self, platform: Platform, row: Row) -> Document:
        """Return that all features are shown: their list has no further page."""
        del platform, row
        return {"NextToken": ""}

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the group with features added and its online store changed."""
        given = {name: value for name, value in doc.items() if name != "FeatureAdditions"}
        features = [*row.doc["FeatureDefinitions"], *(doc.get("FeatureAdditions") or ())]
        _check_names(features)
        whole = super().update(platform, row, given)
        return {**whole, "FeatureDefinitions": features, "LastUpdateStatus": {"Status": "Successful"}}

    @operation("DescribeFeatureMetadata")
    def describe_feature(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return what is said of a feature."""
        del ctx
        row, feature = self._feature(platform, params)
        said = row.private.get("features", {}).get(feature["FeatureName"], {})
        parameters = said.get("Parameters", {})
        return Reply(
            {
                "FeatureGroupArn": row.arn,
                "FeatureGroupName": row.name,
                "FeatureName": feature["FeatureName"],
                "FeatureType": feature.get("FeatureType", "String"),
                "CreationTime": row.created_at,
                "LastModifiedTime": said.get("modified_at", row.created_at),
                "Description": said.get("Description"),
                "Parameters": [{"Key": key, "Value": value} for key, value in parameters.items()],
            }
        )

    @operation("UpdateFeatureMetadata")
    def update_feature(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Say something of a feature, and take back what was said."""
        del ctx
        row, feature = self._feature(platform, params)
        name = feature["FeatureName"]

        def revise(now: Row) -> Document:
            features = now.private.get("features", {})
            said = _resaid(features.get(name, {}), params)
            return {"private": {**now.private, "features": {**features, name: said}}}

        platform.amend(row, revise)
        return Reply()

    def _feature(self, platform: Platform, params: Document) -> tuple[Row, Document]:
        row = self.find(platform, params)
        if row is None:
            arn = platform.site.arn(self.path(self.identity.address(params), params))
            raise self.missing(arn, ("ResourceNotFound",))
        for feature in row.doc["FeatureDefinitions"]:
            if feature["FeatureName"] == params["FeatureName"]:
                return row, feature
        raise errors.ClaryError(
            "ResourceNotFound",
            f"Could not find feature {params['FeatureName']!r} of feature group {row.arn}.",
        )


def _check_names(features: Iterable[Document]) -> None:
    names = [feature.get("FeatureName", "") for feature in features]
    again = [name for name in names if names.count(name) > 1]
    if again:
        raise errors.validation(f"Feature names must be unique within a feature group: {again[0]!r}.")


def _resaid(said: Document, params: Document) -> Document:
    """Return what is said of a feature after a request."""
    parameters: dict[str, Any] = dict(said.get("Parameters", {}))
    parameters |= {one["Key"]: one["Value"] for one in params.get("ParameterAdditions") or ()}
    gone = set(params.get("ParameterRemovals") or ())
    kept = {key: value for key, value in parameters.items() if key not in gone}
    description = params.get("Description", said.get("Description"))
    return {"Description": description, "Parameters": kept, "modified_at": clock.now()}


def _offline(platform: Platform, doc: Document, offline: Document) -> Document:
    storage, site = offline["S3StorageConfig"], platform.site
    name = f"{doc['FeatureGroupName']}-{int(clock.now())}"
    resolved = (
        f"{storage['S3Uri'].rstrip('/')}/{site.account}/sagemaker/{site.region}/offline-store/{name}/data"
    )
    storage = {"ResolvedOutputS3Uri": resolved, **storage}
    return {
        "OfflineStoreConfig": {**offline, "S3StorageConfig": storage},
        "OfflineStoreStatus": {"Status": "Active"},
    }
