import os
from pathlib import Path

from commaok.scan.cache import Cache
from commaok.scan.discovery import targets
from commaok.scan.engine import Plan, scan
from commaok.scan.results import ScanResult
from tests.scan.made import load, module

USER = 'package a\n\nimport "example.com/m/b"\n\nfunc f() {\n\tfrob(b.X)\n}\n'
USED = "package b\n\nvar X = 1\n\nfunc g() int {\n\treturn 1\n}\n"


def _scan(folder: Path, kept: Path) -> ScanResult:
    found = targets([str(folder)])
    rules = load(("OK900",))
    return scan(Plan(found, load, ("OK900",)), Cache(kept, found, rules))


def test_what_has_not_changed_is_not_scanned_again(tmp_path: Path) -> None:
    folder = module(tmp_path, a__a=USER, b__b=USED)
    first, second = _scan(folder, tmp_path / "kept"), _scan(folder, tmp_path / "kept")
    assert (first.stats.from_cache, second.stats.from_cache) == (0, 2)
    assert second.findings == first.findings
    assert len(second.findings) == 1


def test_a_changed_body_concerns_its_own_package_only(tmp_path: Path) -> None:
    folder = module(tmp_path, a__a=USER, b__b=USED)
    _scan(folder, tmp_path / "kept")
    (folder / "b" / "b.go").write_text(USED.replace("return 1", "return 2 + 2"))
    assert _scan(folder, tmp_path / "kept").stats.from_cache == 1


def test_a_changed_surface_concerns_whoever_imports_it(tmp_path: Path) -> None:
    folder = module(tmp_path, a__a=USER, b__b=USED)
    _scan(folder, tmp_path / "kept")
    (folder / "b" / "b.go").write_text(USED.replace("X = 1", 'X = "one"'))
    assert _scan(folder, tmp_path / "kept").stats.from_cache == 0


def test_content_counts_not_the_time_of_change(tmp_path: Path) -> None:
    folder = module(tmp_path, a__a=USER)
    _scan(folder, tmp_path / "kept")
    os.utime(folder / "a" / "a.go", (1, 1))
    assert _scan(folder, tmp_path / "kept").stats.from_cache == 1


def test_a_torn_cache_is_made_anew(tmp_path: Path) -> None:
    folder = module(tmp_path, a__a=USER)
    _scan(folder, tmp_path / "kept")
    for file in (tmp_path / "kept").iterdir():
        file.write_bytes(file.read_bytes()[:-7])
    assert len(_scan(folder, tmp_path / "kept").findings) == 1
