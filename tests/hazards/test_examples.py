"""Every hazard's examples: they say themselves what must be found, and what the fix gives."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from commaok.hazards import catalogue, rules
from commaok.scan import examples, fixing
from commaok.scan.rules import Rule

FOLDERS = {
    hazard.id: folder
    for hazard in catalogue()
    if hazard.rules and (folder := hazard.folder()) is not None
}
GO = shutil.which("go")
_OUTSIDE = re.compile(r'^\s*(?:import\s+)?(?:[\w.]+\s+)?"[^"\s]+\.[^"\s]+/', re.MULTILINE)
_OTHER_BUILD = re.compile(r"^//go:build", re.MULTILINE)


def _cases(folder: Path) -> list[Path]:
    """A file of ``testdata`` is a case, and so is a folder of it."""
    found = sorted((folder / "testdata").glob("*"))
    return [case for case in found if case.is_dir() or case.suffix == ".go"]


def _placed(case: Path, into: Path) -> Path:
    """The case as a module of its own, so that examples do not see each other."""
    if case.is_dir():
        shutil.copytree(case, into, dirs_exist_ok=True)
    else:
        into.mkdir(parents=True, exist_ok=True)
        shutil.copy(case, into)
    if not (into / "go.mod").exists():
        (into / "go.mod").write_text("module example\n\ngo 1.21\n")
    return into


def _of(identity: str) -> tuple[Rule, ...]:
    return rules([identity])


CASES = [
    pytest.param(identity, case, id=f"{identity}-{case.stem}")
    for identity, folder in FOLDERS.items()
    for case in (folder / "before.go", *_cases(folder))
]


@pytest.mark.parametrize(("identity", "case"), CASES)
def test_an_example_gives_exactly_the_findings_it_asks_for(
    identity: str, case: Path, tmp_path: Path
) -> None:
    folder = _placed(case, tmp_path / "case")
    wants = examples.wanted(folder, identity)
    found = examples.findings(folder, _of(identity))
    assert examples.made(found, wants) == wants, "\n".join(
        f"{each.place.path}:{each.place.line}: {each.severity.label}: {each.message}"
        for each in found
    )


@pytest.mark.parametrize("identity", FOLDERS)
def test_the_bad_example_asks_for_something_and_the_good_one_for_nothing(
    identity: str, tmp_path: Path
) -> None:
    folder = FOLDERS[identity]
    assert (folder / "hazard.md").read_text().startswith(f"# {identity}")
    assert examples.wanted(_placed(folder / "before.go", tmp_path / "before"), identity)
    good = _placed(folder / "after.go", tmp_path / "after")
    assert not examples.wanted(good, identity)
    assert not examples.findings(good, _of(identity))


@pytest.mark.parametrize("identity", FOLDERS)
def test_fixing_the_bad_example_gives_the_good_one(identity: str, tmp_path: Path) -> None:
    folder = _placed(FOLDERS[identity] / "before.go", tmp_path / "before")
    before = folder / "before.go"
    first = examples.findings(folder, _of(identity))
    if not any(found.fix for found in first):
        pytest.skip("this hazard offers no fix")
    for _ in range(10):
        taken = fixing.chosen(examples.findings(folder, _of(identity)), unsafe=True)
        if not taken:
            break
        before.write_bytes(fixing.edited(before.read_bytes(), taken))
    # The expectations are part of the bad example only.
    mended = re.sub(r"[ \t]*// want [^\n]*", "", before.read_text())
    assert mended == (FOLDERS[identity] / "after.go").read_text()


@pytest.mark.skipif(GO is None, reason="needs the go command")
def test_the_examples_are_formatted_and_compile(tmp_path: Path) -> None:
    assert GO is not None
    sources = [path for folder in FOLDERS.values() for path in folder.rglob("*.go")]
    gofmt = str(Path(GO).with_name("gofmt"))
    formatted = subprocess.run(
        [gofmt, "-l", *map(str, sources)], capture_output=True, text=True, check=False
    )
    assert (formatted.stdout, formatted.stderr) == ("", "")
    (tmp_path / "go.mod").write_text("module example\n\ngo 1.21\n")
    for identity, folder in FOLDERS.items():
        for case in (folder / "before.go", folder / "after.go", *_cases(folder)):
            files = [case] if case.is_file() else list(case.rglob("*.go"))
            texts = [path.read_text() for path in files]
            if any(_OUTSIDE.search(text) or _OTHER_BUILD.search(text) for text in texts):
                continue
            if case.is_dir() and (case / "go.mod").exists():
                continue
            _placed(case, tmp_path / identity.lower() / case.stem)
    for inner in tmp_path.glob("*/*/go.mod"):
        inner.unlink()
    vetted = subprocess.run(
        [GO, "vet", "-copylocks=false", "-unusedresult=false", "./..."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=_go_environment(),
    )
    assert vetted.returncode == 0, vetted.stderr


def _go_environment() -> dict[str, str]:
    import os

    return os.environ | {"GOFLAGS": "-mod=mod", "GOWORK": "off", "GOTOOLCHAIN": "local"}
