"""The command as a user runs it: what it prints, how it ends, what it leaves behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from commaok.lab.etcd import EtcdBinary

SMALL = (
    *("lab", "run", "watch-manager", "--watchers", "10", "--prefixes", "10", "--keys", "50"),
    *("--streams", "2", "--write-rate", "60", "--fault-rate", "6"),
)


def started(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "commaok", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def commaok(*arguments: str, **environment: str) -> tuple[int, str, str]:
    return ended(started(*arguments, **environment))


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def etcd_of(process: "subprocess.Popen[str]") -> int | None:
    """The pid of the etcd that the process started."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"\nPPid:\t{process.pid}\n" in text and "Name:\tetcd" in text:
            return int(status.parent.name)
    return None


def one_line(errors: str) -> str:
    """The one message, without the line that says which etcd is used."""
    lines = [line for line in errors.splitlines() if line.startswith("commaok:")]
    assert len(lines) == 1, errors
    assert "Traceback" not in errors
    return lines[0]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


def test_a_small_run_prints_a_table_and_leaves_report_and_result(
    etcd_binary: EtcdBinary, tmp_path: Path, temporary: Path
) -> None:
    out = tmp_path / "out"
    code, output, errors = commaok(
        *SMALL, "--seeds", "2", "--duration", "3", "--sweep", "2", "--out", str(out),
        TMPDIR=str(temporary),
    )  # fmt: skip
    assert code == 0, errors
    assert f"etcd {etcd_binary.version}" in errors
    assert "events due" in output
    assert "comma-ok + resume" in output
    assert {path.name for path in out.iterdir()} == {"report.html", "result.json"}
    assert list(temporary.iterdir()) == []
    page = (out / "report.html").read_text()
    (out / "report.html").unlink()
    assert commaok("lab", "report", str(out))[0] == 0
    assert (out / "report.html").read_text() == page


def test_json_goes_to_standard_output_whole(etcd_binary: EtcdBinary, tmp_path: Path) -> None:
    code, output, _ = commaok(
        *SMALL, "--seeds", "1", "--duration", "2.5", "--sweep", "none", "--format", "json",
        "--out", str(tmp_path),
    )  # fmt: skip
    assert code == 0
    result = json.loads(output)
    assert result["schema"] == "commaok.lab.result/1"
    assert [one["name"] for one in result["variants"]] == ["before", "comma-ok", "comma-ok+resume"]
    assert result == json.loads((tmp_path / "result.json").read_text())


def test_interrupting_keeps_the_finished_seeds_and_leaves_no_process(
    etcd_binary: EtcdBinary, tmp_path: Path, temporary: Path
) -> None:
    process = started(
        *SMALL, "--seeds", "50", "--duration", "2.5", "--out", str(tmp_path / "out"),
        TMPDIR=str(temporary),
    )  # fmt: skip
    until(lambda: etcd_of(process))
    etcd = etcd_of(process)
    time.sleep(9)
    process.send_signal(signal.SIGINT)
    code, output, errors = ended(process)
    assert code == 130, errors
    assert "of 50 seeds are kept" in one_line(errors)
    assert "events due" in output
    assert json.loads((tmp_path / "out/result.json").read_text())["ended"] == "interrupted"
    assert not Path(f"/proc/{etcd}").exists()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interrupting_before_anything_is_measured_writes_nothing(
    etcd_binary: EtcdBinary, tmp_path: Path, temporary: Path, name: str
) -> None:
    out = tmp_path / "out"
    process = started(*SMALL, "--out", str(out), TMPDIR=str(temporary))
    until(lambda: etcd_of(process))
    time.sleep(1)
    process.send_signal(signal.Signals[name])
    code, output, errors = ended(process)
    assert (code, output) == (130, "")
    assert one_line(errors) == "commaok: interrupted before the first seed was finished."
    assert list(out.iterdir()) == []
    assert list(temporary.iterdir()) == []


def test_an_etcd_that_dies_is_named_and_the_finished_seeds_are_kept(
    etcd_binary: EtcdBinary, tmp_path: Path, temporary: Path
) -> None:
    process = started(
        *SMALL, "--seeds", "50", "--duration", "2.5", "--out", str(tmp_path / "out"),
        TMPDIR=str(temporary),
    )  # fmt: skip
    until(lambda: etcd_of(process))
    time.sleep(7)
    os.kill(etcd_of(process) or 0, signal.SIGKILL)
    code, _, errors = ended(process)
    assert code == 2
    assert "ended with signal SIGKILL" in one_line(errors)
    assert json.loads((tmp_path / "out/result.json").read_text())["ended"] == "failed"
    assert list(temporary.iterdir()) == []


def test_killing_us_outright_leaves_no_etcd_behind(
    etcd_binary: EtcdBinary, tmp_path: Path, temporary: Path
) -> None:
    process = started(*SMALL, "--out", str(tmp_path / "out"), TMPDIR=str(temporary))
    until(lambda: etcd_of(process))
    etcd = etcd_of(process)
    process.kill()
    process.communicate()
    until(lambda: not Path(f"/proc/{etcd}/exe").exists())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lab", "run", "nonsense"), "no experiment 'nonsense'.*There is: watch-manager"),
        (("lab", "run"), "[Mm]issing.*experiment|Missing argument"),
        ((*SMALL, "--duration", "1.5"), "leaves no time for faults.*Give more than 2 seconds"),
        ((*SMALL, "--sweep", "a,b"), "no list of fault rates.*--sweep 1,4,16"),
        ((*SMALL, "--sweep", "-1"), "no list of fault rates"),
        ((*SMALL, "--sweep", "nan"), "no list of fault rates"),
        ((*SMALL, "--watchers", "0"), "--watchers.*greater than or equal to 1.*lab run --help"),
        ((*SMALL, "--fault-rate", "nan"), "fault-rate"),
        ((*SMALL, "--seeds", "many"), "--seeds.*integer"),
        ((*SMALL, "--etcd", "/bin/true"), "/bin/true is not an etcd.*Name an etcd"),
        ((*SMALL, "--etcd", "/nonexistent"), "/nonexistent cannot be run"),
        ((*SMALL, "--out", "/dev/null/out"), "/dev/null/out cannot be written.*--out"),
        (("lab", "report", "/nonexistent"), "no result in /nonexistent"),
        (("unknown",), "unknown"),
        (("lab", "list", "--format", "yaml"), "yaml"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(arguments: tuple[str, ...], message: str) -> None:
    code, output, errors = commaok(*arguments)
    assert (code, output) == (2, "")
    assert re.search(message, one_line(errors)), errors


def test_no_etcd_anywhere_says_how_to_get_one() -> None:
    code, _, errors = commaok(*SMALL, COMMAOK_ETCD="/nonexistent/etcd")
    assert code == 2
    assert "Name an etcd program with --etcd or COMMAOK_ETCD" in one_line(errors)


def test_debug_shows_the_traceback() -> None:
    code, _, errors = commaok("--debug", "lab", "run", "nonsense")
    assert code == 2
    assert "Traceback" in errors


def test_the_list_names_the_experiments() -> None:
    assert "watch-manager" in commaok("lab", "list")[1]
    listed = json.loads(commaok("lab", "list", "--format", "json")[1])
    assert listed["schema"] == "commaok.lab.list/1"
    assert listed["experiments"][0]["name"] == "watch-manager"
