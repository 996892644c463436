"""Cluster: its instance groups have all their instances at once."""

import hashlib
from collections.abc import Iterator

from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document, Reply
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.services.simulation.simulated import Simulated
from clary.store.resources import Row

_RUNNING = {"Status": "Running"}


class Cluster(Simulated):
    """Its nodes follow from its instance groups; an id is made from the name of the group and a number."""

    def beside(self, row: Row) -> Document:
        """Return the instance groups with the instances they have."""
        groups = row.doc.get("InstanceGroups")
        return {} if groups is None else {"InstanceGroups": [_group(group) for group in groups]}

    def view(self, platform: Platform, row: Row) -> Document:
        """Return what Describe shows, the instance groups among it."""
        return {**super().view(platform, row), **self.beside(row)}

    @operation("ListClusterNodes")
    def nodes(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return the nodes of the cluster, or of one instance group."""
        del ctx
        wanted = params.get("InstanceGroupNameContains", "")
        row = self._require(platform, params)
        return Reply({"ClusterNodeSummaries": [n for n in _nodes(row) if wanted in n["InstanceGroupName"]]})

    @operation("DescribeClusterNode")
    def node(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return one node."""
        del ctx
        row = self._require(platform, params)
        found = next((one for one in _nodes(row) if one["InstanceId"] == params.get("NodeId")), None)
        if found is None:
            raise ClaryError(
                "ResourceNotFound", f"Could not find node {params.get('NodeId')!r} of {row.arn}."
            )
        return Reply({"NodeDetails": found})

    def _require(self, platform: Platform, params: Document) -> Row:
        row = self.find(platform, params)
        if row is None:
            arn = platform.site.arn(self.path(self.identity.address(params), params))
            raise self.missing(arn, ("ResourceNotFound",))
        return row


def _group(asked: Document) -> Document:
    counts = {"CurrentCount": asked["InstanceCount"], "TargetCount": asked["InstanceCount"]}
    return {**asked, **counts, "Status": "InService"}


def _nodes(row: Row) -> Iterator[Document]:
    for group in row.doc.get("InstanceGroups") or ():
        for number in range(group["InstanceCount"]):
            name = f"{row.id}/{group['InstanceGroupName']}/{number}"
            yield {
                "InstanceGroupName": group["InstanceGroupName"],
                "InstanceId": f"i-{hashlib.sha256(name.encode()).hexdigest()[:17]}",
                "InstanceType": group["InstanceType"],
                "LaunchTime": row.created_at,
                "InstanceStatus": _RUNNING,
            }
