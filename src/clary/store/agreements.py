"""Agreements: values that all servers of one database hold to; whoever comes first decides."""

from sqlalchemy import delete, insert, select

from clary.store.database import Database
from clary.store.tables import Agreement


class Agreements:
    """The ``agreement`` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def settle(self, name: str, proposal: str) -> str:
        """Return the value that ``name`` has; it is ``proposal`` from now on where it had none."""
        with self._database.write() as connection:
            found = connection.execute(select(Agreement.value).where(Agreement.name == name)).scalar()
            if found is not None:
                return str(found)
            connection.execute(insert(Agreement).values(name=name, value=proposal))
        return proposal

    def put(self, name: str, value: str) -> None:
        """Make ``value`` what ``name`` has, whatever it was."""
        with self._database.write() as connection:
            connection.execute(delete(Agreement).where(Agreement.name == name))
            connection.execute(insert(Agreement).values(name=name, value=value))

    def get(self, name: str) -> str | None:
        """Return the value that ``name`` has."""
        found = self._database.rows(select(Agreement.value).where(Agreement.name == name))
        return str(found[0][0]) if found else None
