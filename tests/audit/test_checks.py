"""Loss, order and recovery on histories small enough to judge by hand, and against an oracle."""

from collections import Counter

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commaok.audit import checks
from commaok.audit.history import History, Subject
from commaok.watch.events import Event, EventKind, Revision

ME = Subject("me")


def event(main: int, key: bytes = b"a/1", kind: EventKind = EventKind.PUT) -> Event:
    return Event(kind, key, b"", Revision(main), Revision(main), 1, 0, None)


def judged(history: History, head: int) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(":memory:")
    history.load(database)
    checks.prepare(database, head=head)
    return database


def history_of(committed: list[Event], delivered: list[Event], *, first_due: int = 1) -> History:
    """One watcher of ``a/``; events at the same revision are numbered in the order given."""
    history = History()
    history.watched(ME, 1, b"a/", b"a0", Revision(first_due))
    seen: Counter[int] = Counter()
    for one in committed:
        history.committed(one, seen[one.mod_revision], float(one.mod_revision))
        seen[one.mod_revision] += 1
    for one in delivered:
        history.delivered(ME, 1, one, float(one.mod_revision))
    return history


def test_a_clean_history_gives_no_row() -> None:
    events = [event(2), event(3, b"a/2"), event(3, b"a/1"), event(5)]
    database = judged(history_of([*events, event(4, b"b/1")], events), head=5)
    for check in (checks.lost, checks.unique, checks.ordered, checks.genuine):
        assert check(database).fetchall() == []


def test_a_missing_event_is_lost_with_its_revision_and_key() -> None:
    database = judged(history_of([event(2), event(3, b"a/2")], [event(2)]), head=3)
    assert checks.lost(database).project("main, key").fetchall() == [(3, b"a/2")]


def test_nothing_before_the_first_registration_or_after_the_head_is_due() -> None:
    database = judged(history_of([event(2), event(3), event(4)], [event(3)], first_due=3), head=3)
    assert checks.lost(database).fetchall() == []


def test_a_key_beside_the_range_is_not_due_but_a_delivery_of_it_is_not_genuine() -> None:
    stranger = event(2, b"a0")
    database = judged(history_of([stranger], [stranger]), head=2)
    assert checks.lost(database).fetchall() == []
    assert checks.genuine(database).project("main, key").fetchall() == [(2, b"a0")]


def test_a_repeated_event_counts_each_delivery_too_many() -> None:
    database = judged(history_of([event(2)], [event(2)] * 3), head=2)
    assert checks.unique(database).project("main, repeats").fetchall() == [(2, 2)]


def test_every_event_after_a_later_one_is_out_of_order_not_just_the_first() -> None:
    committed = [event(2), event(3), event(4)]
    database = judged(history_of(committed, [event(4), event(2), event(3)]), head=4)
    assert sorted(checks.ordered(database).project("main").fetchall()) == [(2,), (3,)]


def test_order_inside_a_transaction_counts() -> None:
    first, second = event(2, b"a/1"), event(2, b"a/2")
    database = judged(history_of([first, second], [second, first]), head=2)
    assert checks.ordered(database).project("key").fetchall() == [(b"a/1",)]


@pytest.mark.parametrize("wrong", [event(9), event(2, kind=EventKind.DELETE)])
def test_a_delivery_that_nobody_committed_is_not_genuine(wrong: Event) -> None:
    database = judged(history_of([event(2)], [wrong]), head=9)
    assert checks.genuine(database).project("main").fetchall() == [(wrong.mod_revision,)]


KEYS = [b"a/1", b"a/2", b"b/1"]


@given(
    st.lists(st.sets(st.sampled_from(KEYS), min_size=1), max_size=6),
    st.lists(st.tuples(st.integers(1, 7), st.sampled_from(KEYS)), max_size=14),
)
def test_counts_agree_with_plain_dictionaries(
    transactions: list[set[bytes]], deliveries: list[tuple[int, bytes]]
) -> None:
    committed = [
        event(main, key) for main, keys in enumerate(transactions, start=1) for key in sorted(keys)
    ]
    history = history_of(committed, [event(main, key) for main, key in deliveries])
    database = judged(history, head=len(transactions))
    position = {(one.mod_revision, one.key): place for place, one in enumerate(committed)}
    due = {place for place in position if place[1].startswith(b"a/")}
    got = Counter(deliveries)
    assert {(m, k) for _, _, m, k, _ in checks.lost(database).fetchall()} == due - set(got)
    repeats = {(m, k): n for _, _, m, k, n in checks.unique(database).fetchall()}
    assert repeats == {one: n - 1 for one, n in got.items() if n > 1}
    latest, disordered = -1, 0
    for one in deliveries:
        if one in position:
            disordered += position[one] < latest
            latest = max(latest, position[one])
    assert len(checks.ordered(database).fetchall()) == disordered
    not_genuine = sum(one not in position or one not in due for one in deliveries)
    assert len(checks.genuine(database).fetchall()) == not_genuine


def recovery(
    faults: list[tuple[float, float]],
    events: list[tuple[float, float | None]],
    restarts: tuple[float, ...] = (),
    kind: str = "reset",
) -> list[tuple[object, ...]]:
    """Episodes of one watcher: faults ``(struck, possible)``, events ``(sent, delivered)``."""
    history = History()
    history.watched(ME, 1, b"a/", b"a0", Revision(1))
    for struck, possible in faults:
        history.broke(ME, kind, [1], struck, possible)
    for main, (sent, delivered) in enumerate(events, start=1):
        history.committed(event(main), 0, sent)
        history.sent(Revision(main), sent)
        if delivered is not None:
            history.delivered(ME, 1, event(main), delivered)
    for at in restarts:
        history.restarted(ME, at)
    database = judged(history, head=len(events))
    found = checks.episodes(database).order("struck_at")
    return found.project("ending, ROUND(seconds, 3), ROUND(since_possible, 3)").fetchall()


def test_an_event_under_way_when_the_fault_struck_is_no_recovery() -> None:
    assert recovery([(10, 10)], [(9.9, 10.1), (11, 13)]) == [("itself", 3.0, 2.0)]


def test_the_time_since_a_connection_was_possible_starts_when_there_was_something_to_send() -> None:
    assert recovery([(10, 12)], [(11, 12.5)]) == [("itself", 2.5, 0.5)]
    assert recovery([(10, 12)], [(20, 20.25)]) == [("itself", 10.25, 0.25)]


def test_a_fault_during_the_silence_belongs_to_the_same_episode() -> None:
    faults = [(10.0, 10.0), (11.0, 14.0)]
    assert recovery(faults, [(10.5, 14.4), (11.5, 14.5)]) == [("itself", 4.5, 0.5)]


def test_faults_with_a_recovery_between_them_are_two_episodes() -> None:
    assert recovery([(10, 10), (20, 20)], [(11, 11.5), (21, 22)]) == [
        ("itself", 1.5, 0.5),
        ("itself", 2.0, 1.0),
    ]


def test_a_watcher_that_never_hears_again_is_one_episode_without_a_time() -> None:
    assert recovery([(10, 10), (12, 12)], [(11, None), (13, None)]) == [("never", None, None)]


def test_a_recovery_after_a_restart_is_the_operators() -> None:
    assert recovery([(10, 10)], [(11, None), (15, 15.5)], restarts=(14,))[0][0] == "restart"
    assert recovery([(10, 10)], [(11, 11.5)], restarts=(14,))[0][0] == "itself"


def test_a_fault_after_which_nothing_was_due_says_nothing() -> None:
    assert recovery([(10, 10)], [(9, 9.5)]) == []
