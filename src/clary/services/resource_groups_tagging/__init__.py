"""Resource Groups Tagging API: the tags of all services' resources, found and changed in one place."""

from clary.services.resource_groups_tagging.service import OPERATIONS, ResourceGroupsTagging

__all__ = ["OPERATIONS", "ResourceGroupsTagging"]
