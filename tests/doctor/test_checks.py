from pathlib import Path

import pytest

from commaok.doctor import Status, checks, examine


def test_everything_has_a_name_a_use_and_a_remedy_when_missing() -> None:
    found = examine()
    assert {"etcd", "Go toolchain", "BTF", "CAP_BPF", "tracefs", "Chromium", "Java"} <= {
        one.name for one in found
    }
    for one in found:
        assert one.unlocks
        assert one.seen
        assert one.remedy or one.status is Status.FOUND


def test_a_program_that_is_not_there_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert checks.go().status is Status.MISSING
    assert "Install Go" in checks.go().remedy


def test_a_program_that_does_not_say_its_version_is_unknown_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "go"
    program.write_text("#!/bin/sh\necho nonsense\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checks.go().status is Status.UNKNOWN


def test_a_wrong_etcd_in_the_variable_is_missing_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COMMAOK_ETCD", "/bin/true")
    found = checks.etcd()
    assert found.status is Status.MISSING
    assert "/bin/true is not an etcd" in found.seen
