import importlib.metadata

import pytest

from commaok.errors import MachineError
from commaok.hazards import catalogue as listed
from commaok.hazards import experiments
from commaok.hazards.catalogue import GROUP


@pytest.fixture(autouse=True)
def _fresh() -> None:
    listed.cache_clear()


def _pretend(monkeypatch: pytest.MonkeyPatch, *targets: str) -> None:
    entries = [
        importlib.metadata.EntryPoint(f"X{number}", target, GROUP)
        for number, target in enumerate(targets)
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)


def test_our_own_hazards_come_through_the_entry_point_group() -> None:
    assert "OK101" in {hazard.id for hazard in listed()}
    assert experiments()["watch-manager"].hazard == "OK101"


def test_a_hazard_that_cannot_be_loaded_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _pretend(monkeypatch, "no_such_package:HAZARD")
    with pytest.raises(MachineError, match="Hazard X0 of .* cannot be loaded"):
        listed()


def test_something_else_than_a_hazard_or_a_taken_id_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _pretend(monkeypatch, "json:dumps")
    with pytest.raises(MachineError, match="is no Hazard"):
        listed()
    ours = "commaok.hazards.ok101_value_as_existence:HAZARD"
    _pretend(monkeypatch, ours, ours)
    with pytest.raises(MachineError, match="its id is taken"):
        listed()
