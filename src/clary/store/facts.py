"""Facts: what documents say and where, as an inverted index from a value at a path to rows.

A fact is a hash of a kind, a dotted path and a value. SQLite keeps them in a table of FTS5, whose merged
logs spare a Create the pages that a tree would have to be changed in; PostgreSQL as arrays under GIN. Whoever
looks for a fact looks at the documents found too: paths are folded and hashes may collide, so that rows too
many may be found, and never one too few.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Any

from sqlalchemy import (
    ARRAY,
    Connection,
    Select,
    String,
    column,
    delete,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy import table as named

from clary.core.exchange import Document
from clary.store.tables import Resource

MOST = 500
"""Facts of one document that are kept apart; of a longer one is only known that it is long."""
_AT_ONCE = 1_000
_PATHS = 10_000
"""Parts of paths whose folded form is remembered: documents of one kind have the same ones."""
_LONG = ("", "")
_ON_SQLITE = named("resource_fact", column("rowid"), column("facts"))
_FORGET = text("INSERT INTO resource_fact(resource_fact, rowid, facts) VALUES ('delete', :rowid, :facts)")
_ON_POSTGRESQL = named("resource_fact", column("seq"), column("facts", ARRAY(String)))
_ADD_ON_SQLITE = insert(_ON_SQLITE)
_ADD_ON_POSTGRESQL = insert(_ON_POSTGRESQL)


@lru_cache(_PATHS)
def fold(name: str) -> str:
    """Return a path, or a part of it, as it is compared: the 26 letters in lower case."""
    return name.encode(errors="surrogatepass").lower().decode(errors="surrogatepass")


def of(kind: str, document: Document) -> frozenset[str]:
    """Return the facts of a document of ``kind``; the items of a list share its path."""
    found = frozenset(_hash(kind, *said) for said in islice(_said(document), MOST + 1))
    return found if len(found) <= MOST else frozenset({_hash(kind, *_LONG)})


def stating(kind: str, path: str, value: str, number: float | None = None) -> Sequence[str]:
    """Return the facts of which every document of ``kind`` has one where ``path`` equals ``value``.

    ``number`` is what ``value`` means as a number, where it does.
    """
    spellings = [_text(value), _text(value.lower() == "true") if value.lower() in ("true", "false") else ""]
    spellings.append("" if number is None else _text(number))
    return [*(_hash(kind, fold(path), each) for each in spellings if each), _hash(kind, *_LONG)]


def stated(facts: Collection[str], *, postgresql: bool) -> Select[Any]:
    """Return the numbers of the rows whose documents have any of ``facts``."""
    if postgresql:
        return select(_ON_POSTGRESQL.c.seq).where(_ON_POSTGRESQL.c.facts.op("&&")(list(facts)))
    words = " OR ".join(facts)
    return select(_ON_SQLITE.c.rowid).where(literal_column("resource_fact").op("MATCH")(words))


def add(connection: Connection, facts: Iterable[tuple[int, Collection[str]]]) -> None:
    """Let rows, by number, have facts; they have none yet."""
    if connection.dialect.name == "postgresql":
        rows = [{"seq": seq, "facts": list(some)} for seq, some in facts]
        connection.execute(_ADD_ON_POSTGRESQL, rows)
    else:
        connection.execute(_ADD_ON_SQLITE, [{"rowid": seq, "facts": _words(some)} for seq, some in facts])


def replace(connection: Connection, seq: int, before: Collection[str], after: Collection[str]) -> None:
    """Let a row have the facts ``after`` in place of those it had; it is gone when it has none any more."""
    if connection.dialect.name == "postgresql":
        at = _ON_POSTGRESQL.c.seq == seq
        change = update(_ON_POSTGRESQL).values(facts=list(after)) if after else delete(_ON_POSTGRESQL)
        connection.execute(change.where(at))
        return
    if before:
        connection.execute(_FORGET, {"rowid": seq, "facts": _words(before)})
    if after:
        add(connection, [(seq, after)])


def build(connection: Connection) -> None:
    """Let every row have its facts; none has any yet."""
    last = -1
    while True:
        some = select(Resource.seq, Resource.kind, Resource.doc).where(Resource.seq > last)
        rows = connection.execute(some.order_by(Resource.seq).limit(_AT_ONCE)).all()
        if not rows:
            return
        add(connection, [(seq, of(kind, doc)) for seq, kind, doc in rows])
        last = rows[-1][0]


def _said(document: Document) -> Iterator[tuple[str, str]]:
    """Yield every value in a document as its path and how it is written."""
    left: list[tuple[str, Any]] = [("", document)]
    while left:
        path, value = left.pop()
        if isinstance(value, dict):
            within = f"{path}." if path else ""
            left += [(within + fold(key), each) for key, each in value.items()]
        elif isinstance(value, list):
            left += [(path, item) for item in value]
        elif isinstance(value, (str, int, float)):
            yield path, _text(value)


def _text(value: str | float) -> str:
    """Return a value so that no text is like a number or a truth; numbers that are equal are alike."""
    if isinstance(value, str):
        return f"t{value}"
    if isinstance(value, bool):
        return f"b{value}"
    try:
        return f"n{float(value) + 0.0!r}"
    except OverflowError:
        return f"n{value}"


def _hash(kind: str, path: str, value: str) -> str:
    said = f"{kind}\0{path}\0{value}".encode(errors="surrogatepass")
    return blake2b(said, digest_size=8).hexdigest()


def _words(facts: Collection[str]) -> str:
    return " ".join(sorted(facts))
