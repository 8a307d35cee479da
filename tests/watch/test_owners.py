from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commaok.watch.owners import (
    Kind,
    Orphan,
    OrphanReason,
    Owned,
    OwnerIndex,
    OwnerReference,
    TwoControllers,
    Uid,
)

POD = Kind("", "Pod")
REPLICA_SET = Kind("apps", "ReplicaSet")


def reference(uid: str, controller: bool | None) -> OwnerReference:
    return OwnerReference("apps/v1", "ReplicaSet", f"rs-{uid}", Uid(uid), controller)


def pod(uid: str, *references: OwnerReference) -> Owned:
    return Owned(Uid(uid), POD, references)


def replica_set(uid: str) -> Owned:
    return Owned(Uid(uid), REPLICA_SET)


def reasons(index: OwnerIndex) -> dict[str, OrphanReason]:
    return {orphan.uid: orphan.reason for orphan in index.orphans()}


def test_the_three_states_of_controller_are_three() -> None:
    index = OwnerIndex()
    index.apply(pod("nobody said", reference("r", None)))
    index.apply(pod("said no", reference("r", False)))
    index.apply(pod("said yes", reference("r", True)))
    assert index.controller(Uid("nobody said")) is None
    assert index.controller(Uid("said no")) is None
    assert index.controller(Uid("said yes")) == reference("r", True)
    assert reasons(index) == {
        "nobody said": OrphanReason.CONTROLLER_ABSENT,
        "said no": OrphanReason.CONTROLLER_FALSE,
    }
    assert index.controlled_by(Uid("r")) == ("said yes",)


def test_every_orphan_is_listed_with_its_reason() -> None:
    index = OwnerIndex()
    index.replace(REPLICA_SET, [])
    index.apply(pod("alone"))
    index.apply(pod("absent", reference("a", False), reference("b", None)))
    index.apply(pod("false", reference("a", False)))
    gone = pod("gone", reference("a", True))
    index.apply(gone)
    assert reasons(index) == {
        "alone": OrphanReason.NO_REFERENCES,
        "absent": OrphanReason.CONTROLLER_ABSENT,
        "false": OrphanReason.CONTROLLER_FALSE,
        "gone": OrphanReason.OWNER_GONE,
    }
    assert Orphan(gone.uid, POD, OrphanReason.OWNER_GONE, gone.references) in index.orphans()


def test_a_controller_is_set_changed_and_cleared() -> None:
    index = OwnerIndex()
    uid = Uid("p")
    index.apply(pod("p"))
    assert index.controller(uid) is None
    index.apply(pod("p", reference("first", True)))
    index.apply(pod("p", reference("first", False), reference("second", True)))
    assert index.controlled_by(Uid("first")) == ()
    assert index.controlled_by(Uid("second")) == ("p",)
    index.apply(pod("p", reference("second", None)))
    assert index.controller(uid) is None
    assert index.controlled_by(Uid("second")) == ()


def test_what_a_deleted_owner_controlled_is_orphaned_until_it_is_adopted() -> None:
    index = OwnerIndex()
    index.replace(REPLICA_SET, [replica_set("r")])
    index.replace(POD, [pod("p", reference("r", True))])
    assert reasons(index).get("p") is None
    assert index.remove(Uid("r"))
    assert not index.remove(Uid("r"))
    assert reasons(index)["p"] is OrphanReason.OWNER_GONE
    index.apply(replica_set("r2"))
    index.apply(pod("p", reference("r2", True)))
    assert "p" not in reasons(index)


def test_an_owner_that_was_never_listed_is_not_known_to_be_gone() -> None:
    index = OwnerIndex()
    index.replace(POD, [pod("p", reference("r", True))])
    assert not reasons(index)
    assert index.unresolved() == ("p",)
    index.replace(REPLICA_SET, [replica_set("other")])
    assert reasons(index)["p"] is OrphanReason.OWNER_GONE
    assert index.unresolved() == ()


def test_after_a_restart_a_list_rebuilds_the_index_and_forgets_what_is_no_more() -> None:
    before = OwnerIndex()
    before.apply(pod("stays", reference("r", True)))
    before.apply(pod("deleted meanwhile", reference("r", True)))
    after = OwnerIndex()
    for index in (before, after):
        index.replace(POD, [pod("stays", reference("r", True)), pod("new")])
        assert len(index) == 2
        assert index.controlled_by(Uid("r")) == ("stays",)
    with pytest.raises(KeyError):
        after.controller(Uid("deleted meanwhile"))


def test_a_list_with_a_mistake_changes_nothing() -> None:
    index = OwnerIndex()
    index.replace(POD, [pod("p")])
    two = pod("x", reference("a", True), reference("b", True))
    for wrong in (two, pod(""), replica_set("r")):
        with pytest.raises(ValueError, match="control|uid|list"):
            index.replace(POD, [wrong])
    assert Uid("p") in index
    with pytest.raises(TwoControllers):
        index.apply(pod("p", *two.references))
    assert index.reason(Uid("p")) is OrphanReason.NO_REFERENCES


def json_object(references: object) -> Mapping[str, object]:
    metadata = {"uid": "p", "name": "p", "ownerReferences": references}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}


@pytest.mark.parametrize(
    ("written", "state"),
    [({}, None), ({"controller": None}, None), ({"controller": False}, False)],
)
def test_absent_and_null_are_absent_and_false_is_false(
    written: dict[str, object], state: bool | None
) -> None:
    one = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "r", **written}
    assert Owned.from_object(json_object([one])).references[0].controller is state


def test_no_references_may_be_written_as_null() -> None:
    assert Owned.from_object(json_object(None)) == pod("p")


@pytest.mark.parametrize("wrong", [[{"uid": "r"}], "r", [{"controller": "true"}]])
def test_references_that_cannot_be_read_are_refused(wrong: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        Owned.from_object(json_object(wrong))


UIDS = st.sampled_from(["a", "b", "c", "d"])
REFERENCES = st.lists(
    st.builds(reference, UIDS, st.sampled_from([None, False])), max_size=2
).flatmap(
    lambda rest: st.one_of(
        st.just(tuple(rest)), st.builds(lambda uid: (*rest, reference(uid, True)), UIDS)
    )
)


@given(st.lists(st.tuples(UIDS, st.none() | REFERENCES)))
def test_the_index_agrees_with_looking_at_every_object(
    changes: list[tuple[str, tuple[OwnerReference, ...] | None]],
) -> None:
    index = OwnerIndex()
    objects: dict[str, tuple[OwnerReference, ...]] = {}
    for uid, references in changes:
        if references is None:
            assert index.remove(Uid(uid)) == (uid in objects)
            objects.pop(uid, None)
        else:
            index.apply(pod(uid, *references))
            objects[uid] = references
    for owner in "abcd":
        controlled = {
            uid
            for uid, references in objects.items()
            if any(one.uid == owner and one.controller is True for one in references)
        }
        assert set(index.controlled_by(Uid(owner))) == controlled
    assert len(index) == len(objects)
