"""The directory: the rows of IAM and STS, which belong to an account and to no region."""

from collections.abc import Callable, Iterator
from typing import Any

from clary.core import clock, ids
from clary.core.exchange import Document
from clary.services.iam import refusal
from clary.store.resources import GONE, AlreadyExistsError, Home, Query, Resources, Row

_PAGE = 1000


class Directory:
    """What one account holds, by kind and name."""

    def __init__(self, resources: Resources, account: str) -> None:
        self._resources = resources
        self.account = account

    def find(self, kind: str, name: str) -> Row | None:
        """Return the row of that name."""
        return self._resources.find(self._home(kind), name)

    def get(self, row_id: str) -> Row | None:
        """Return the row with that id, which stays when its name changes."""
        return self._resources.get(row_id)

    def every(self, kind: str) -> Iterator[Row]:
        """Yield all rows of a kind by name."""
        after: tuple[float | str, str] | None = None
        while True:
            query = Query(self._home(kind), sort="name", descending=False, after=after, limit=_PAGE)
            found = self._resources.list(query)
            yield from found
            if len(found) < _PAGE:
                return
            after = found[-1].name, found[-1].id

    def oldest(self, kind: str, limit: int) -> list[Row]:
        """Return the rows of a kind that were made first."""
        return list(self._resources.list(Query(self._home(kind), descending=False, limit=limit)))

    def add(self, kind: str, name: str, arn: str, doc: Document, private: Document) -> Row:
        """Keep a new row; raises EntityAlreadyExists."""
        now = clock.now()
        row = Row(
            id=ids.row_id(),
            account=self.account,
            region="",
            kind=kind,
            scope="",
            name=name,
            arn=arn,
            phase="",
            intent=None,
            due_at=None,
            version=0,
            created_at=now,
            modified_at=now,
            doc=doc,
            private=private,
        )
        try:
            self._resources.insert(row)
        except AlreadyExistsError as error:
            raise refusal.already_exists(f"{kind} with name {name} already exists.") from error
        return row

    def amend(self, row: Row, edit: Callable[[Row], dict[str, Any]]) -> Row:
        """Write the columns that ``edit`` makes of the row, whoever else changes it; raises NoSuchEntity.

        ``edit`` may raise.
        """
        changed = self._resources.amend(row, edit)
        if changed is None:
            raise refusal.no_such_entity(f"The {row.kind.lower()} with name {row.name} cannot be found.")
        return changed

    def drop(self, row: Row) -> None:
        """Remove a row unless somebody changed it."""
        self._resources.change(row, phase=GONE)

    def _home(self, kind: str) -> Home:
        return Home(self.account, "", kind)
