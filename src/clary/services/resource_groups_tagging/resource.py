"""Resources: found by their tags, their types or their ARNs."""

from collections.abc import Iterable, Mapping, Sequence

from clary.core.exchange import Document, Reply
from clary.engine.tagging import shaped
from clary.services.resource_groups_tagging.bearer import Bearer
from clary.services.resource_groups_tagging.call import Call, invalid, token
from clary.store.tags import Tagged, Wanted

_PAGE = 50
_COMPLIANT: Document = {
    "ComplianceStatus": True,
    "NoncompliantKeys": [],
    "KeysWithNoncompliantValues": [],
    "MissingTagKeys": [],
}
"""There are no tag policies here, so every resource complies with them."""


def get_resources(call: Call) -> Reply:
    """Answer a page of resources that have tags, by ARN."""
    params = call.params
    details = bool(params.get("IncludeComplianceDetails"))
    strict = bool(params.get("ExcludeCompliantResources"))
    if strict and not details:
        raise invalid("ExcludeCompliantResources can only be used with IncludeComplianceDetails.")
    if params.get("ResourceARNList"):
        found, following = _named(call), ""
    else:
        found, following = _page(call)
    mappings = [_mapping(one, details) for one in found]
    return Reply({"ResourceTagMappingList": [] if strict else mappings, "PaginationToken": following})


def _named(call: Call) -> Sequence[Tagged]:
    """Return those of the resources named that are there and have tags."""
    for other in ("TagFilters", "ResourceTypeFilters", "ResourcesPerPage", "TagsPerPage", "PaginationToken"):
        if call.params.get(other):
            raise invalid(f"ResourceARNList cannot be given together with {other}.")
    found = []
    for arn in dict.fromkeys(call.params["ResourceARNList"]):
        bearer = call.bearer(arn)
        tags = bearer.of(arn) if bearer is not None else None
        if tags:
            found.append(Tagged(arn, tags))
    return found


def _page(call: Call) -> tuple[Sequence[Tagged], str]:
    """Return a page of what is looked for and the token of the next one."""
    size, room = _bounded(call, "ResourcesPerPage", 1, 100), _bounded(call, "TagsPerPage", 100, 500)
    limit = size or (room or _PAGE)
    tags, after = _filters(call.params.get("TagFilters") or ()), call.after() or ""
    types = [_type(one) for one in call.params.get("ResourceTypeFilters") or ()]
    found = sorted(
        (
            one
            for bearer in call.bearers
            for one in bearer.find(Wanted(_prefixes(bearer, types), tags, after, limit + 1))
        ),
        key=lambda one: one.arn,
    )
    page = list(_fitting(found[:limit], room))
    more = len(found) > len(page)
    return page, token(page[-1].arn if page else "", more)


def _fitting(found: Iterable[Tagged], room: int | None) -> Iterable[Tagged]:
    """Yield resources as long as there is room for all of their tags; one of them is always yielded."""
    used = 0
    for one in found:
        used += max(1, len(one.tags))
        if room is not None and used > room:
            return
        yield one


def _bounded(call: Call, member: str, least: int, most: int) -> int | None:
    value: int | None = call.params.get(member)
    if value is not None and not least <= value <= most:
        raise invalid(f"{member} must be from {least} to {most}.")
    return value


def _filters(given: Iterable[Document]) -> Mapping[str, Sequence[str]]:
    """Return the values asked for by key; a key that stands twice wants what both allow."""
    tags: dict[str, list[str]] = {}
    for one in given:
        if "Key" not in one:
            raise invalid("Each of the TagFilters must have a Key.")
        key, values = one["Key"], list(one.get("Values") or ())
        if key in tags:
            raise invalid(f"The key {key!r} stands twice in TagFilters.")
        tags[key] = values
    return tags


def _type(text: str) -> tuple[str, str]:
    service, _, kind = text.partition(":")
    if not service:
        raise invalid(f"{text!r} is not of the form service[:resourceType].")
    return service, kind


def _prefixes(bearer: Bearer, types: Sequence[tuple[str, str]]) -> Sequence[str]:
    """Return how the ARNs begin that are looked for among a bearer's: all where no type is given."""
    if not types:
        return bearer.prefixes("")
    own = bearer.home.split(":")[2]
    kinds = {kind for service, kind in types if service == own}
    asked = [""] if "" in kinds else sorted(kinds)
    return [prefix for kind in asked for prefix in bearer.prefixes(kind)]


def _mapping(one: Tagged, details: bool) -> Document:
    shown = {"ComplianceDetails": _COMPLIANT} if details else {}
    return {"ResourceARN": one.arn, "Tags": shaped(dict(one.tags)), **shown}
