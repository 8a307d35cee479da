"""go/types says the same, on the snippets and on a part of the standard library.

``make accuracy`` measures it on all of the standard library and on modules with dependencies.
"""

import shutil
from pathlib import Path

import pytest
from bench.accuracy import build_oracle, measure, truths

from commaok.golang import Program, Toolchain, open_types
from commaok.golang.infer import bound_type
from commaok.golang.names import Bound
from commaok.golang.packages import KNOWN, Package

SNIPPETS = Path(__file__).parent / "snippets"
needs_go = pytest.mark.skipif(shutil.which("go") is None, reason="no Go toolchain on PATH")


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_oracle(str(tmp_path_factory.mktemp("oracle")))


@needs_go
@pytest.mark.parametrize(
    ("place", "pattern"),
    [
        ("snippets", "./..."),
        ("std", "net/http"),
        ("std", "maps"),
        ("std", "slices"),
        ("std", "go/types"),
    ],
)
def test_every_expression_has_the_type_that_go_gives_it(
    oracle: str, place: str, pattern: str
) -> None:
    toolchain = Toolchain.discover()
    directory = str(SNIPPETS) if place == "snippets" else f"{toolchain.goroot}/src"
    expected = truths(oracle, directory, [pattern], every=True)
    score = measure(Program(toolchain=toolchain), expected, every=True)
    assert score.total > 50
    assert [row for row in score.wrong if "no node" not in row] == []


@needs_go
def test_the_table_of_external_types_says_what_the_standard_library_says(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module example.com/m\n")
    (tmp_path / "main.go").write_text("package m\n")
    real = open_types(Program(), tmp_path / "main.go").file.package.view
    table = open_types(Program(toolchain=Toolchain()), tmp_path / "main.go").file.package.view
    compared = 0
    for path in sorted(str(file.parent.relative_to(KNOWN)) for file in Path(KNOWN).rglob("*.go")):
        ours, theirs = table.package(path), real.package(path)
        if "." in path.partition("/")[0] or path == "builtin":
            continue
        assert isinstance(ours, Package)
        assert isinstance(theirs, Package)
        for name in ours.files[0].outline.names:
            listed, declared = ours.lookup(name, tests=False), theirs.lookup(name, tests=False)
            assert listed is not None
            assert declared is not None, f"{path}.{name}"
            assert str(bound_type(Bound(*listed))) == str(bound_type(Bound(*declared))), name
            compared += 1
        for receiver, methods in ours.files[0].outline.methods.items():
            assert set(methods) <= set(theirs.method_names(receiver)), f"{path}.{receiver}"
    assert compared > 200
