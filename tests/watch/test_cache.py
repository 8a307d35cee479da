from hypothesis import given
from hypothesis import strategies as st

from commaok.watch.cache import Cache, contradiction, difference
from commaok.watch.events import Event, EventKind, KeyValue, Revision


def state(key: bytes, created: int, modified: int, version: int = 1) -> KeyValue:
    return KeyValue(key, b"%d" % modified, Revision(created), Revision(modified), version, 0)


def put(created: int, modified: int, version: int) -> Event:
    return Event(EventKind.PUT, b"k", b"", Revision(created), Revision(modified), version, 0, None)


def delete(modified: int) -> Event:
    return Event(EventKind.DELETE, b"k", b"", Revision(0), Revision(modified), 0, 0, None)


states = st.dictionaries(
    st.sampled_from([b"a", b"b", b"c", b"d"]),
    st.tuples(st.integers(1, 3), st.integers(0, 3)),
).map(lambda of: {key: state(key, made, made + later) for key, (made, later) in of.items()})


@given(states, states)
def test_a_difference_leads_from_what_is_known_to_what_is_listed(
    known: dict[bytes, KeyValue], listed: dict[bytes, KeyValue]
) -> None:
    cache = Cache()
    for one in known.values():
        cache.put(one, Revision(1), 0, synthesised=True)
    changes = difference(known, listed)
    for key in changes.gone:
        cache.delete(key, Revision(1), 0, synthesised=True)
    for one in changes.put:
        cache.put(one, Revision(1), 0, synthesised=True)
    assert dict(cache.objects) == listed
    assert len(difference(listed, listed)) == 0


@given(states, states)
def test_no_difference_turns_one_incarnation_into_another(
    known: dict[bytes, KeyValue], listed: dict[bytes, KeyValue]
) -> None:
    changes = difference(known, listed)
    for key in known.keys() & listed.keys():
        recreated = known[key].create_revision != listed[key].create_revision
        assert (key in changes.gone) == recreated


def test_an_event_follows_from_the_state_before_it_or_one_is_missing() -> None:
    known = state(b"k", 3, 5, version=2)
    assert contradiction(None, put(7, 7, 1)) is None
    assert contradiction(known, put(3, 7, 3)) is None
    assert contradiction(known, delete(7)) is None
    assert "version 4" in str(contradiction(None, put(3, 7, 4)))
    assert "followed by 4" in str(contradiction(known, put(3, 7, 4)))
    assert "created" in str(contradiction(known, put(7, 7, 1)))
    assert "deleted" in str(contradiction(None, delete(7)))
