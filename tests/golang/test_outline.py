"""A file's top level by its layout is its top level by its tree."""

from pathlib import Path

import pytest

from commaok.golang import Source, Toolchain, read_source
from commaok.golang.outline import Outline, outline, outline_by_tree

KNOWN = Path(__file__).parents[2] / "src" / "commaok" / "golang" / "known"


def names(found: Outline) -> tuple[set[str], set[tuple[str, str]], list[str]]:
    methods = {(receiver, name) for receiver, each in found.methods.items() for name in each}
    return set(found.names), methods, [each.path for each in found.imports]


def both(text: str) -> tuple[Outline, Outline]:
    source = Source("x.go", text.encode())
    return outline(source), outline_by_tree(source)


@pytest.mark.parametrize(
    "text",
    [
        'package p\n\nimport (\n\ta "b/c" // "no"\n\t. `d`\n)\n\nimport "e"\n\nvar A, B = 1, 2\n',
        "package p\n\nfunc (r *T[K, V]) M() {}\n\nfunc (T) N() int { return 1 }\n\nfunc F[T any](x T) {\n}\n",
        "package p\n\nconst (\n\tA = iota\n\tB\n\n\tC, D = 1, 2\n)\n\ntype (\n\tE int\n\tF struct {\n\t\tG int\n\t}\n)\n",
        "package p\n\nvar text = `\nfunc Hidden() {}\ntype Hidden int\n`\n\n/*\nvar Hidden int\n*/\n\nvar After int\n",
        "package p\n  func Indented() {}\n  type T int\n",
        "package p; var a int; func f() {}\nfunc g() {\nend:\n\treturn\n}\n",
        "package p\r\n\r\nfunc F() {\r\n}\r\n\r\nvar (\r\n\tX int\r\n)\r\n",
        "// package no\n/* package no */ package p\nvar ä, 名 int\n",
    ],
)
def test_layout_and_tree_agree(text: str) -> None:
    by_layout, by_tree = both(text)
    layout, tree = names(by_layout), names(by_tree)
    assert layout[0] >= tree[0]
    assert layout[1:] == tree[1:]
    assert "Hidden" not in layout[0]


def some_go_files() -> list[Path]:
    goroot = Toolchain.discover().goroot
    if not goroot:
        return sorted(KNOWN.rglob("*.go"))
    rooms = ("go/types", "net/http", "runtime", "reflect", "cmd/compile/internal/syntax")
    return [name for room in rooms for name in sorted(Path(goroot, "src", room).glob("*.go"))]


def test_layout_and_tree_agree_on_real_files() -> None:
    for path in some_go_files():
        source = read_source(path)
        layout, tree = names(outline(source)), names(outline_by_tree(source))
        assert layout[0] >= tree[0], path
        assert layout[1:] == tree[1:], path
