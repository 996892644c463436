"""ImageVersion: one version of an image for Studio, found by number, by alias, or as the latest; a record."""

from collections.abc import Iterable, Mapping
from typing import Any

from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document, Reply
from clary.engine.identity import Address
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.store.resources import Query, Row

_ALL = 10_000


class ImageVersion(Record):
    """Versions lie in the scope of their image and are counted by it."""

    viewed = ("ImageArn",)

    def __init__(self) -> None:
        super().__init__(
            "ImageVersion",
            Traits(
                named_by=("ImageName", "Version"),
                status="CREATED",
                refers={"ImageName": "Image"},
                defaults={"VendorGuidance": "NOT_PROVIDED"},
            ),
        )

    def find(self, platform: Platform, params: Mapping[str, Any]) -> Row | None:
        """Return the version that is asked for, the latest where none is."""
        image, number, alias = params["ImageName"], params.get("Version"), params.get("Alias")
        if number is not None:
            return self.at(platform, Address(image, str(number)))
        versions = _versions(platform, image)
        if alias is not None:
            return next((row for row in versions if alias in _aliases(row)), None)
        return next(iter(versions), None)

    def new_address(self, platform: Platform, params: Document) -> Address:
        """Return the next version of the image."""
        image = platform.get("Image", params["ImageName"])
        if image is None:
            arn = platform.site.arn(f"image/{params['ImageName']}".lower())
            raise ClaryError("ResourceNotFound", f'Could not find image "{arn}".')
        token = params["ClientToken"]
        again = next((row for row in _versions(platform, image.name) if row.private["token"] == token), None)
        if again is not None:
            return Address(again.scope, again.name)

        def count(now: Row) -> Document:
            private = {**now.private, "versions": now.private.get("versions", 0) + 1}
            return {"private": private, "modified_at": now.modified_at}

        counted = platform.amend(image, count) or image
        return Address(image.name, str(counted.private["versions"]))

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Check the aliases; the image that is pulled is the one that was given."""
        _check_free(platform, doc["ImageName"], doc.get("Aliases") or (), None)
        return {**super().prepare(platform, ctx, doc), "ContainerImage": doc["BaseImage"]}

    def view(self, platform: Platform, row: Row) -> Document:
        """Return the image that this is a version of."""
        del platform
        return self.summary(row)

    def summary(self, row: Row) -> Document:
        """Return the image that this is a version of."""
        return {"ImageArn": row.arn.rpartition("/")[0].replace(":image-version/", ":image/")}

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the version with other aliases and properties."""
        asked = ("Alias", "AliasesToAdd", "AliasesToDelete")
        added, gone = doc.get("AliasesToAdd") or [], set(doc.get("AliasesToDelete") or ())
        _check_free(platform, row.scope, added, row)
        aliases = [alias for alias in dict.fromkeys((*_aliases(row), *added)) if alias not in gone]
        given = {name: value for name, value in doc.items() if name not in asked}
        return {**super().update(platform, row, given), "Aliases": aliases}

    @operation("ListAliases")
    def list_aliases(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return the aliases of an image, of a version of it, or the one that is asked about."""
        del ctx
        image = params["ImageName"]
        if platform.get("Image", image) is None:
            raise ClaryError("ResourceNotFound", f'Could not find image "{image}".')
        rows = _versions(platform, image)
        version, wanted = params.get("Version"), params.get("Alias")
        shown = sorted(
            alias
            for row in rows
            if version in (None, int(row.name))
            for alias in _aliases(row)
            if wanted in (None, alias)
        )
        begin = _position(shown, params.get("NextToken"))
        page = shown[begin : begin + params.get("MaxResults", 100)]
        more = begin + len(page) < len(shown)
        return Reply({"SageMakerImageVersionAliases": page, "NextToken": page[-1] if more else None})


def _versions(platform: Platform, image: str) -> Iterable[Row]:
    """Return the versions of an image, the latest first."""
    home = platform.home("ImageVersion")
    rows = platform.resources.list(Query(home, scope=image, limit=_ALL))
    return sorted(rows, key=lambda row: int(row.name), reverse=True)


def _aliases(row: Row) -> list[str]:
    return list(row.doc.get("Aliases") or ())


def _check_free(platform: Platform, image: str, wanted: Iterable[str], row: Row | None) -> None:
    asked = set(wanted)
    for other in _versions(platform, image):
        held = asked.intersection(_aliases(other))
        if held and (row is None or other.id != row.id):
            raise ClaryError(
                "ResourceInUse", f"Alias {min(held)!r} belongs to version {other.name} of image {image}."
            )


def _position(shown: list[str], token: str | None) -> int:
    if not token:
        return 0
    if token not in shown:
        raise ClaryError("ValidationException", f"Invalid pagination token: {token!r}.")
    return shown.index(token) + 1
