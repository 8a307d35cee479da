"""What one observation leaves behind, as columns.

Times are seconds of ``time.monotonic`` in the observing process; they measure delays and decide
nothing about order: order is the server's revisions and each watcher's sequence of arrival.
"""

from collections.abc import Sequence
from typing import Final, NewType

import duckdb
import numpy as np

from commaok.watch.events import Event, Revision

Subject = NewType("Subject", str)
"""The name of what is observed: a variant, a client, a hop."""

# The tables' columns, in order, with DuckDB's type for each.
TABLES: Final[dict[str, dict[str, str]]] = {
    "event": {
        "main": "BIGINT",
        "sub": "BIGINT",
        "key": "BLOB",
        "kind": "TINYINT",
        "heard_at": "DOUBLE",
    },
    "watch": {
        "subject": "VARCHAR",
        "watcher": "BIGINT",
        "lo": "BLOB",
        "hi": "BLOB",
        "first_due": "BIGINT",
    },
    "delivery": {
        "subject": "VARCHAR",
        "watcher": "BIGINT",
        "seq": "BIGINT",
        "main": "BIGINT",
        "key": "BLOB",
        "kind": "TINYINT",
        "delivered_at": "DOUBLE",
    },
    "sent": {"main": "BIGINT", "sent_at": "DOUBLE"},
    "fault": {
        "subject": "VARCHAR",
        "fault": "BIGINT",
        "kind": "VARCHAR",
        "struck_at": "DOUBLE",
        "possible_at": "DOUBLE",
    },
    "hit": {"subject": "VARCHAR", "fault": "BIGINT", "watcher": "BIGINT"},
    "restart": {"subject": "VARCHAR", "restarted_at": "DOUBLE"},
}

_NUMPY: Final = {"BIGINT": "i8", "TINYINT": "i1", "DOUBLE": "f8", "BLOB": "O", "VARCHAR": "O"}


class History:
    """Grows while an observation runs; ``load`` hands it to DuckDB.

    ``event`` is the truth. A ``watch`` is one logical watcher across all its registrations: its
    key range ``[lo, hi)`` and the first revision due to it. A ``delivery`` is one event as a
    watcher received it, numbered by arrival. ``sent`` says when the write that became a revision
    was sent. A ``fault`` hit some watchers, and from ``possible_at`` on a connection was possible
    again. A ``restart`` is an operator's.
    """

    def __init__(self) -> None:
        self._columns: dict[str, list[tuple[object, ...]]] = {name: [] for name in TABLES}
        self._faults = 0

    def committed(self, event: Event, sub: int, at: float) -> None:
        """The server committed ``event`` at ``(event.mod_revision, sub)``; we heard at ``at``."""
        self._columns["event"].append((event.mod_revision, sub, event.key, event.kind, at))

    def watched(
        self, subject: Subject, watcher: int, lo: bytes, hi: bytes, first_due: Revision
    ) -> None:
        """A watcher of ``[lo, hi)`` exists; everything from ``first_due`` on is due to it."""
        self._columns["watch"].append((subject, watcher, lo, hi, first_due))

    def delivered(self, subject: Subject, watcher: int, event: Event, at: float) -> None:
        """The watcher's consumer has the event."""
        rows = self._columns["delivery"]
        rows.append((subject, watcher, len(rows), event.mod_revision, event.key, event.kind, at))

    def sent(self, revision: Revision, at: float) -> None:
        """The write that became ``revision`` was sent at ``at``, so it was committed later."""
        self._columns["sent"].append((revision, at))

    def broke(
        self, subject: Subject, kind: str, watchers: Sequence[int], at: float, possible_at: float
    ) -> None:
        """Something broke under these watchers; from ``possible_at`` on they could be served."""
        self._faults += 1
        self._columns["fault"].append((subject, self._faults, kind, at, possible_at))
        self._columns["hit"].extend((subject, self._faults, watcher) for watcher in watchers)

    def restarted(self, subject: Subject, at: float) -> None:
        """An operator restarted the subject."""
        self._columns["restart"].append((subject, at))

    def load(self, database: duckdb.DuckDBPyConnection) -> None:
        """Make the tables of ``TABLES`` in ``database`` and fill them."""
        for table, columns in TABLES.items():
            fields = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            database.execute(f"CREATE TABLE {table} ({fields})")
            rows = self._columns[table]
            if rows:
                values = zip(*rows, strict=True)
                arrays = {
                    name: np.array(column, dtype=_NUMPY[kind])
                    for (name, kind), column in zip(columns.items(), values, strict=True)
                }
                database.register("arriving", arrays)
                database.execute(f"INSERT INTO {table} SELECT * FROM arriving")  # noqa: S608
                database.unregister("arriving")
