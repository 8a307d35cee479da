"""What it means to lose, repeat or reorder an event, and to recover: the definitions.

Each function takes the database that ``History.load`` filled and returns a relation of offending
or measured rows, so that an empty answer is the proof and a full one the witness. ``prepare``
must have run first; it makes ``due`` and ``arrival``.
"""

from typing import Final

import duckdb

Relation = duckdb.DuckDBPyRelation

# A position as one BIGINT that sorts as (main, sub).
_POSITION: Final = "main * 16777216 + sub"


def prepare(database: duckdb.DuckDBPyConnection, *, head: int) -> None:
    """Make ``due`` (every event up to revision ``head`` that a watcher should get) and ``arrival``.

    The range join runs over distinct keys and ranges, so its cost does not grow with the events.
    """
    database.execute(
        f"""
        CREATE TABLE position AS SELECT *, {_POSITION} AS pos FROM event;
        CREATE TABLE key_range AS
        SELECT r.lo, r.hi, k.key
        FROM (SELECT DISTINCT lo, hi FROM watch) r
        JOIN (SELECT DISTINCT key FROM event) k ON k.key >= r.lo AND k.key < r.hi;
        CREATE TABLE due AS
        SELECT w.subject, w.watcher, e.main, e.key, e.pos, e.heard_at
        FROM watch w
        JOIN key_range r ON r.lo = w.lo AND r.hi = w.hi
        JOIN position e ON e.key = r.key AND e.main BETWEEN w.first_due AND {int(head)};
        CREATE TABLE arrival AS
        SELECT d.*, e.pos, e.kind AS committed_kind
        FROM delivery d LEFT JOIN position e ON e.main = d.main AND e.key = d.key;
        """  # noqa: S608 - no text of a stranger's in it
    )


def lost(database: duckdb.DuckDBPyConnection) -> Relation:
    """Events that were due to a watcher and never delivered to it."""
    return database.sql(
        """
        SELECT u.subject, u.watcher, u.main, u.key, u.heard_at
        FROM due u ANTI JOIN delivery d USING (subject, watcher, main, key)
        """
    )


def unique(database: duckdb.DuckDBPyConnection) -> Relation:
    """Unique: an event never appears twice to a watcher, across all its registrations.

    Returns each repeated event with how many deliveries were too many.
    """
    return database.sql(
        """
        SELECT subject, watcher, main, key, COUNT(*) - 1 AS repeats
        FROM delivery GROUP BY ALL HAVING COUNT(*) > 1
        """
    )


def ordered(database: duckdb.DuckDBPyConnection) -> Relation:
    """Ordered: a watcher never gets an event after a later one.

    Returns the deliveries that came too late, with the later position that came first.
    """
    return database.sql(
        """
        SELECT subject, watcher, seq, main, key, pos, latest FROM (
            SELECT *, MAX(pos) OVER (
                PARTITION BY subject, watcher ORDER BY seq
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS latest
            FROM arrival
        ) WHERE pos < latest
        """
    )


def genuine(database: duckdb.DuckDBPyConnection) -> Relation:
    """Genuine: whatever is delivered was committed, and is what the watcher asked for.

    Returns deliveries that nobody committed, of the wrong kind, or outside the watcher's range.
    """
    return database.sql(
        """
        SELECT a.subject, a.watcher, a.seq, a.main, a.key
        FROM arrival a JOIN watch w USING (subject, watcher)
        WHERE a.pos IS NULL OR a.kind <> a.committed_kind OR a.key < w.lo OR a.key >= w.hi
        """
    )


def episodes(database: duckdb.DuckDBPyConnection) -> Relation:
    """How watchers came back: one row for each time that faults silenced a watcher.

    A watcher has recovered from a fault with the first delivery of an event whose write was sent
    after it: such an event cannot have been under way when the fault struck. A fault that strikes
    before the last one is recovered from belongs to the same episode. Columns: ``subject``,
    ``watcher``, ``kind`` (of the first fault), ``struck_at`` (the same one), ``seconds`` from
    there to the recovery from all of them, ``since_possible`` to it from the moment when a
    connection was possible again for good and there was something to deliver, and ``ending``:
    ``itself``; ``restart`` when an operator restarted the subject meanwhile; ``never`` when
    something was due after the last fault and nothing came. Faults after which nothing was due
    say nothing and are left out.
    """
    return database.sql(
        """
        WITH owed AS (
            SELECT h.subject, h.watcher, f.kind, f.struck_at, f.possible_at,
                   MIN(t.sent_at) AS owed_at
            FROM hit h
            JOIN fault f USING (subject, fault)
            JOIN due u ON u.subject = h.subject AND u.watcher = h.watcher
            JOIN sent t ON t.main = u.main AND t.sent_at > f.struck_at
            GROUP BY ALL
        ), answered AS (
            SELECT o.*, COALESCE(MIN(d.delivered_at), 'infinity') AS back_at
            FROM owed o
            LEFT JOIN (
                SELECT d.subject, d.watcher, d.delivered_at, t.sent_at
                FROM delivery d JOIN sent t ON t.main = d.main
            ) d ON d.subject = o.subject AND d.watcher = o.watcher AND d.sent_at > o.struck_at
            GROUP BY ALL
        ), chained AS (
            SELECT *, SUM(CASE WHEN struck_at < silent_until THEN 0 ELSE 1 END) OVER (
                PARTITION BY subject, watcher ORDER BY struck_at, kind
            ) AS episode
            FROM (
                SELECT *, MAX(back_at) OVER (
                    PARTITION BY subject, watcher ORDER BY struck_at, kind
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                ) AS silent_until
                FROM answered
            )
        ), whole AS (
            SELECT subject, watcher, ARG_MIN(kind, struck_at) AS kind, MIN(struck_at) AS struck_at,
                   GREATEST(MAX(possible_at), MAX(owed_at)) AS possible_at, MAX(back_at) AS back_at
            FROM chained GROUP BY subject, watcher, episode
        )
        SELECT w.subject, w.watcher, w.kind, w.struck_at,
               CASE WHEN ISFINITE(w.back_at) THEN w.back_at - w.struck_at END AS seconds,
               CASE WHEN ISFINITE(w.back_at) THEN GREATEST(w.back_at - w.possible_at, 0)
               END AS since_possible,
               CASE WHEN NOT ISFINITE(w.back_at) THEN 'never'
                    WHEN EXISTS (SELECT 1 FROM restart r WHERE r.subject = w.subject
                                 AND r.restarted_at BETWEEN w.struck_at AND w.back_at)
                    THEN 'restart'
                    ELSE 'itself' END AS ending
        FROM whole w
        """
    )
