import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from commaok.watch.matching import EVERYTHING, Key, Matcher, Prefix, Range, Selector

# Few letters, so that keys and selectors meet; 0xff and 0x00 for the edges of the keyspace.
KEYS = st.binary(max_size=4).map(lambda raw: bytes(b"ab\xff\x00"[byte % 4] for byte in raw))
ENDS = st.none() | KEYS
RANGES = st.tuples(KEYS, ENDS).filter(lambda pair: pair[1] is None or pair[0] < pair[1])
SELECTORS: st.SearchStrategy[Selector] = st.one_of(
    KEYS.map(Key), KEYS.map(Prefix), RANGES.map(lambda pair: Range(*pair))
)


@given(st.sets(SELECTORS), st.lists(KEYS))
def test_a_key_finds_exactly_the_selectors_that_want_it_each_once(
    selectors: set[Selector], keys: list[bytes]
) -> None:
    matcher: Matcher[Selector] = Matcher()
    for selector in selectors:
        matcher.add(selector, selector)
    for key in keys:
        found = matcher.find(key)
        assert len(found) == len(set(found))
        assert set(found) == {one for one in selectors if one.wants(key)}


class MatcherMachine(RuleBasedStateMachine):
    """Entries come and go in any order; the oracle asks every selector."""

    def __init__(self) -> None:
        super().__init__()
        self.matcher: Matcher[Selector] = Matcher()
        self.entries: set[Selector] = set()

    @rule(selector=SELECTORS)
    def add(self, selector: Selector) -> None:
        if selector in self.entries:
            with pytest.raises(ValueError, match="has an entry"):
                self.matcher.add(selector, selector)
        else:
            self.matcher.add(selector, selector)
            self.entries.add(selector)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        if self.entries:
            selector = data.draw(st.sampled_from(sorted(self.entries, key=repr)))
            self.matcher.remove(selector)
            self.entries.remove(selector)
            assert self.matcher.get(selector) is None

    @rule(selector=SELECTORS)
    def what_is_not_there_cannot_be_removed(self, selector: Selector) -> None:
        if selector not in self.entries:
            with pytest.raises(KeyError):
                self.matcher.remove(selector)

    @rule(key=KEYS)
    def find(self, key: bytes) -> None:
        found = self.matcher.find(key)
        assert len(found) == len(set(found))
        assert set(found) == {one for one in self.entries if one.wants(key)}

    @invariant()
    def nothing_else_is_kept(self) -> None:
        assert len(self.matcher) == len(self.entries)
        assert set(self.matcher.values()) == self.entries


TestMatcherMachine = MatcherMachine.TestCase


def test_everything_is_the_empty_prefix() -> None:
    assert EVERYTHING.wants(b"")
    assert EVERYTHING.wants(b"\xff\xff")


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Range(b"b", b"b")
