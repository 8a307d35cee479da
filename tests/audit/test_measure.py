from commaok.audit.history import History, Subject
from commaok.audit.measure import measure
from commaok.watch.events import Event, EventKind, Revision


def _event(main: int) -> Event:
    return Event(EventKind.PUT, b"a/%d" % main, b"", Revision(main), Revision(main), 1, 0, None)


def test_each_subject_is_measured_on_its_own_deliveries() -> None:
    history = History()
    for name in ("good", "bad"):
        history.watched(Subject(name), 1, b"a/", b"a0", Revision(1))
    for main in range(1, 5):
        history.committed(_event(main), 0, 100 + main)
        history.delivered(Subject("good"), 1, _event(main), 100 + main)
    history.delivered(Subject("bad"), 1, _event(4), 104)
    history.delivered(Subject("bad"), 1, _event(4), 104)
    history.restarted(Subject("bad"), 103)
    measured = measure(history, head=Revision(4), start=100.0, seconds=4.0, slot_seconds=2.0)
    good, bad = measured[Subject("good")], measured[Subject("bad")]
    assert (good.due, good.delivered, good.lost, good.duplicated) == (4, 4, 0, 0)
    assert (bad.due, bad.delivered, bad.lost, bad.duplicated, bad.restarts) == (4, 2, 3, 1, 1)


def test_losses_are_dated_by_their_commit_and_nothing_falls_off_the_ends() -> None:
    history = History()
    history.watched(Subject("me"), 1, b"a/", b"a0", Revision(1))
    for main, at in ((1, 99.0), (2, 101.0), (3, 103.0), (4, 109.0)):
        history.committed(_event(main), 0, at)
    (one,) = measure(history, head=Revision(4), start=100.0, seconds=4.0, slot_seconds=2.0).values()
    assert (one.dues, one.losses) == ((2, 2), (2, 2))


def test_an_observation_in_which_nothing_was_committed_has_nothing_due() -> None:
    history = History()
    history.watched(Subject("me"), 1, b"a/", b"a0", Revision(1))
    (one,) = measure(history, head=Revision(1), start=0.0, seconds=1.0).values()
    assert (one.due, one.lost, one.delivered, one.episodes) == (0, 0, 0, ())
