"""Tags: key and value pairs on anything that has an ARN."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import and_, delete, insert, select

from clary.store.database import Database
from clary.store.tables import Tag


class Tags:
    """The ``tag`` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, arn: str) -> dict[str, str]:
        """Return the tags of ``arn`` in the order of their keys."""
        statement = select(Tag.key, Tag.value).where(Tag.arn == arn).order_by(Tag.key)
        return {row[0]: row[1] for row in self._database.rows(statement)}

    def of_all(self, arns: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the tags of each of ``arns`` in the order of their keys."""
        found: dict[str, dict[str, str]] = {arn: {} for arn in arns}
        statement = select(Tag.arn, Tag.key, Tag.value).where(Tag.arn.in_(arns)).order_by(Tag.arn, Tag.key)
        for arn, key, value in self._database.rows(statement):
            found[arn][key] = value
        return found

    def put(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add ``tags``, replacing those with the same keys."""
        if not tags:
            return
        with self._database.write() as connection:
            connection.execute(delete(Tag).where(and_(Tag.arn == arn, Tag.key.in_(tags))))
            connection.execute(
                insert(Tag), [{"arn": arn, "key": key, "value": value} for key, value in tags.items()]
            )

    def remove(self, arn: str, keys: Iterable[str]) -> None:
        """Take away the tags with these keys; a key that is not there is no error."""
        with self._database.write() as connection:
            connection.execute(delete(Tag).where(and_(Tag.arn == arn, Tag.key.in_(list(keys)))))
