"""From a history to figures, one record for each subject."""

from collections.abc import Sequence
from typing import Any

import duckdb
import msgspec

from commaok.audit import checks
from commaok.audit.history import History, Subject
from commaok.watch.events import Revision


class Episode(msgspec.Struct, frozen=True):
    """One recovery; see ``checks.episodes``. Seconds are None where the watcher never came back."""

    kind: str
    ending: str
    seconds: float | None
    since_possible: float | None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a subject did with the events that were due to it.

    ``duplicated`` counts the deliveries too many, ``out_of_order`` those after a later one,
    ``not_genuine`` those that were never committed or not asked for; ``faults`` are by kind.
    """

    due: int
    delivered: int
    lost: int
    duplicated: int
    out_of_order: int
    not_genuine: int
    restarts: int
    faults: dict[str, int]

    def counted(self) -> dict[str, Any]:
        """The counts alone, by field, for a record that holds them among others."""
        return {name: getattr(self, name) for name in Counts.__struct_fields__}

    @staticmethod
    def total(many: Sequence["Counts"]) -> "Counts":
        """All of them together."""
        sums = {
            name: sum(getattr(one, name) for one in many)
            for name in Counts.__struct_fields__
            if name != "faults"
        }
        kinds = {kind for one in many for kind in one.faults}
        faults = {kind: sum(one.faults.get(kind, 0) for one in many) for kind in sorted(kinds)}
        return Counts(**sums, faults=faults)


class Measurement(Counts, frozen=True, kw_only=True):
    """What one subject did, and when.

    ``losses`` and ``dues`` are events per slot of ``slot_seconds`` since the observation began,
    by when they were committed.
    """

    episodes: tuple[Episode, ...]
    slot_seconds: float
    dues: tuple[int, ...]
    losses: tuple[int, ...]


def measure(
    history: History,
    *,
    head: Revision,
    start: float,
    seconds: float,
    slot_seconds: float = 0.25,
) -> dict[Subject, Measurement]:
    """Judge every subject of ``history`` on the events up to revision ``head``.

    ``start`` and ``seconds`` frame the observation on the history's clock.
    """
    with duckdb.connect(":memory:", config={"threads": 1}) as database:
        history.load(database)
        checks.prepare(database, head=head)
        slots = max(1, round(seconds / slot_seconds))

        def count(relation: checks.Relation, what: str = "COUNT(*)") -> dict[str, int]:
            return dict(relation.aggregate(f"subject, {what}::BIGINT").fetchall())

        def over_time(relation: checks.Relation) -> dict[str, list[int]]:
            number = f"CAST(FLOOR((heard_at - {start!r}) / {slot_seconds!r}) AS INT)"
            slot = f"LEAST(GREATEST({number}, 0), {slots - 1})"
            found: dict[str, list[int]] = {}
            for subject, index, events in relation.aggregate(
                f"subject, {slot} AS slot, COUNT(*)"
            ).fetchall():
                found.setdefault(subject, [0] * slots)[index] = events
            return found

        faults: dict[str, dict[str, int]] = {}
        for subject, kind, number in database.sql(
            "SELECT subject, kind, COUNT(*) FROM fault GROUP BY ALL"
        ).fetchall():
            faults.setdefault(subject, {})[kind] = number
        episodes: dict[str, list[Episode]] = {}
        for subject, kind, ending, seconds_, possible in (
            checks.episodes(database)
            .project("subject, kind, ending, seconds, since_possible")
            .fetchall()
        ):
            episodes.setdefault(subject, []).append(Episode(kind, ending, seconds_, possible))

        due = database.table("due")
        dues, lost = count(due), checks.lost(database)
        losses, lost_over_time, due_over_time = count(lost), over_time(lost), over_time(due)
        delivered = count(database.table("delivery"))
        repeats = count(checks.unique(database), "SUM(repeats)")
        disordered = count(checks.ordered(database))
        not_genuine = count(checks.genuine(database))
        restarts = count(database.table("restart"))
        nothing = [0] * slots
        return {
            Subject(subject): Measurement(
                due=dues.get(subject, 0),
                delivered=delivered.get(subject, 0),
                lost=losses.get(subject, 0),
                duplicated=repeats.get(subject, 0),
                out_of_order=disordered.get(subject, 0),
                not_genuine=not_genuine.get(subject, 0),
                restarts=restarts.get(subject, 0),
                faults=faults.get(subject, {}),
                episodes=tuple(episodes.get(subject, ())),
                slot_seconds=slot_seconds,
                dues=tuple(due_over_time.get(subject, nothing)),
                losses=tuple(lost_over_time.get(subject, nothing)),
            )
            for (subject,) in database.sql("SELECT DISTINCT subject FROM watch").fetchall()
        }
