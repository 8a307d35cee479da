import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

BEFORE = """package watch

type watcher struct{ id string }

type registry struct{ watchers map[string]*watcher }

func (r *registry) reserve(id string) { r.watchers[id] = nil }

func (r *registry) forget(id string) {
	if r.watchers[id] != nil {
		delete(r.watchers, id)
	}
}
"""
AFTER = BEFORE.replace("if r.watchers[id] != nil {", "if _, ok := r.watchers[id]; ok {")


def _run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "commaok", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "go.mod").write_text("module example.com/watch\n\ngo 1.21\n")
    (tmp_path / "watch.go").write_text(BEFORE)
    return tmp_path


def test_text_shows_the_line_a_caret_the_reasons_and_the_fix(module: Path) -> None:
    done = _run(module, "scan", "./...")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "watch.go:10:5: error: OK101 value-as-existence"
    assert "  10 |     if r.watchers[id] != nil {\n     |        ^^^^^" in done.stdout
    assert "evidence: nil is stored in this map (watch.go:7)" in done.stdout
    assert "--fix --unsafe-fixes" in done.stdout
    assert done.stderr == "1 error in 1 file\n"


def test_json_names_its_schema(module: Path) -> None:
    content = json.loads(_run(module, "scan", "--format", "json").stdout)
    assert content["schema"] == "commaok.scan/1"
    (found,) = content["findings"]
    assert (found["rule"], found["severity"], found["place"]["line"]) == ("OK101", "error", 10)


def test_the_other_formats_are_read_by_their_readers(module: Path) -> None:
    (run,) = json.loads(_run(module, "scan", "--format", "sarif").stdout)["runs"]
    assert run["results"][0]["ruleId"] == "OK101"
    rules = run["tool"]["driver"]["rules"]
    assert rules[run["results"][0]["ruleIndex"]]["id"] == "OK101"
    tree = ET.fromstring(_run(module, "scan", "--format", "checkstyle").stdout)
    assert [each.get("line") for each in tree.iter("error")] == ["10"]
    github = _run(module, "scan", "--format", "github").stdout
    assert github.startswith("::error file=watch.go,line=10,endLine=10,col=5,title=OK101")


def test_fixing_is_a_no_op_the_second_time(module: Path) -> None:
    assert _run(module, "scan", "--fix").returncode == 1
    assert (module / "watch.go").read_text() == BEFORE
    shown = _run(module, "scan", "--diff", "--unsafe-fixes")
    assert "+\tif _, ok := r.watchers[id]; ok {" in shown.stdout
    assert (module / "watch.go").read_text() == BEFORE
    assert _run(module, "scan", "--fix", "--unsafe-fixes").returncode == 0
    assert (module / "watch.go").read_text() == AFTER
    assert _run(module, "scan", "--fix", "--unsafe-fixes").stderr == "nothing found in 1 file\n"


def test_a_baseline_hides_what_is_known_when_lines_move(module: Path) -> None:
    assert _run(module, "scan", "--write-baseline", "known.json").returncode == 0
    (module / "watch.go").write_text(BEFORE.replace("package watch\n", "package watch\n\n//\n"))
    done = _run(module, "scan", "--baseline", "known.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 known by the baseline" in done.stderr


def test_since_reports_what_a_change_brought_in_wherever_it_is(module: Path) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    (module / "watch.go").write_text(BEFORE.replace("= nil }", "= &watcher{} }"))
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "start"]):
        subprocess.run([*git, *command], cwd=module, check=True)
    assert _run(module, "scan", "--since", "HEAD").returncode == 0
    (module / "watch.go").write_text(BEFORE)
    done = _run(module, "scan", "--since", "HEAD", "--min-severity", "error")
    assert "watch.go:10:5: error: OK101" in done.stdout
    other = "\n" + BEFORE[BEFORE.index("func (r *registry) forget") :].replace("forget", "drop")
    subprocess.run([*git, "commit", "-qam", "store nil"], cwd=module, check=True)
    (module / "watch.go").write_text(BEFORE + other)
    done = _run(module, "scan", "--since", "HEAD")
    assert done.stdout.count("error: OK101") == 1
    assert "watch.go:16:5" in done.stdout


def test_settings_come_from_the_nearest_file_and_options_win(module: Path) -> None:
    (module / "commaok.toml").write_text('[tool.commaok.scan]\nignore = ["OK101"]\n')
    assert _run(module, "scan").returncode == 0
    assert 'ignore = ["OK101"]' in _run(module, "config").stdout
    assert _run(module, "scan", "--ignore", "OK102").returncode == 1
    (module / "commaok.toml").write_text("[tool.commaok.scan]\nseverity = 3\n")
    done = _run(module, "scan")
    assert done.returncode == 2
    assert "unknown field `severity`" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scan", "nowhere"], "There is no nowhere."),
        (["scan", "--select", "OK999"], "There is no hazard OK999."),
        (["scan", "--baseline", "none.json"], "cannot be read"),
        (["explain", "OK999"], "There is no page on OK999."),
    ],
)
def test_wrong_usage_ends_with_cause_and_remedy(
    module: Path, arguments: list[str], said: str
) -> None:
    done = _run(module, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_statistics_count_and_stats_say_what_it_took(module: Path) -> None:
    done = _run(module, "scan", "--statistics", "--stats")
    assert done.stdout == "     1 error   OK101 value-as-existence\n"
    assert "1 files (0 generated, 1 parsed, 0 from the cache), 13 lines" in done.stderr
    assert "% known" in done.stderr


def test_the_pages_and_the_list_of_rules(module: Path) -> None:
    assert _run(module, "explain", "ok101").stdout.startswith("# OK101: value-as-existence")
    listed = json.loads(_run(module, "rules", "--format", "json").stdout)["rules"]
    assert {"id": "OK101", "name": "value-as-existence", "scan": True, "lab": True} in listed


def test_scanning_loads_nothing_of_the_events_side(module: Path) -> None:
    code = (
        "import sys; sys.argv = ['commaok', 'scan']\n"
        "try:\n from commaok.cli import main; main()\n"
        "except SystemExit: pass\n"
        "heavy = {'grpc', 'duckdb', 'scipy', 'numpy', 'rich', 'commaok.lab'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=module, capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("[]\n")
