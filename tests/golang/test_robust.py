"""Broken, odd and hostile Go is reported and stepped over."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commaok.golang import Program, Source, Toolchain, UnreadableSource, open_types, read_source
from commaok.golang.types import Type

SEEDS = sorted((Path(__file__).parent / "snippets").rglob("*.go"))
WORDS = (
    b"{ } ( ) [ ] , ; := = . * & <- func type map chan struct interface range if for switch "
    b"select case var const import package \" ` ' // /* */ \n \x00 \xff \xef\xbb\xbf 0x nil [T"
)
TOKENS = st.sampled_from(WORDS.split(b" "))


def ask_everything(path: Path) -> None:
    types = open_types(Program(toolchain=Toolchain()), path)
    types.file.source.problems()
    waiting = [types.file.source.root]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.named_children)
        assert isinstance(types.of(node), Type)
        types.object(node)
        types.is_type(node)
        types.enclosing_function(node)
        if node.type in ("call_expression", "type_conversion_expression"):
            types.callee(node)
    for index in types.indexes():
        assert str(types.of(index.operand))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(SEEDS), st.data())
def test_mutated_go_never_crashes(tmp_path: Path, seed: Path, data: st.DataObject) -> None:
    text = seed.read_bytes()
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 80))
        moved = data.draw(st.integers(0, len(text)))
        piece = data.draw(st.one_of(TOKENS, st.just(text[moved : moved + length])))
        text = text[:at] + piece + text[at + data.draw(st.sampled_from([0, 1, length])) :]
    (tmp_path / "go.mod").write_text("module example.com/m\n")
    (tmp_path / "main.go").write_bytes(text)
    ask_everything(tmp_path / "main.go")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TOKENS, max_size=80))
def test_token_soup_never_crashes(tmp_path: Path, tokens: list[bytes]) -> None:
    (tmp_path / "main.go").write_bytes(
        b"package m\nfunc f(m map[string]int) {\n" + b" ".join(tokens)
    )
    ask_everything(tmp_path / "main.go")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("calls", "f(" * 3000 + ")" * 3000),
        ("literals", "T{" * 3000 + "}" * 3000),
        ("selectors", "x" + ".y" * 3000),
        ("blocks", "{" * 3000 + "}" * 3000),
        ("functions", "func() {" * 800 + "}" * 800 + "()" * 800),
        ("indexes", "m" + "[m[0]]" * 1500),
        ("pointers", "*" * 3000 + "p"),
        ("chain", "; ".join(f"a{i + 1} := a{i}[0]" for i in range(2000))),
    ],
)
def test_deep_code_is_survived(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "main.go").write_text(f"package m\nfunc f(a0, m, p []int) {{ {text} }}\n")
    types = open_types(Program(toolchain=Toolchain()), tmp_path / "main.go")
    assert all(str(types.of(each.operand)) for each in types.indexes()), name


def test_encodings_are_read(tmp_path: Path) -> None:
    text = 'package m\n\nvar m map[string]int\n\nfunc f() { _ = m["ä"] }\n'
    for name, data in {
        "utf8": text.encode(),
        "bom": b"\xef\xbb\xbf" + text.encode(),
        "utf16": text.encode("utf-16"),
        "latin1": text.encode("latin-1"),
        "crlf": text.replace("\n", "\r\n").encode(),
    }.items():
        path = tmp_path / name / "main.go"
        path.parent.mkdir()
        path.write_bytes(data)
        types = open_types(Program(toolchain=Toolchain()), path)
        assert [str(types.of(each.operand)) for each in types.indexes()] == ["map[string]int"], name


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="No such file"):
        read_source(tmp_path / "absent.go")
    (tmp_path / "big.go").write_bytes(b"package m\n" * 100)
    with pytest.raises(UnreadableSource, match="larger than 10 bytes"):
        read_source(tmp_path / "big.go", limit=10)
    (tmp_path / "loop.go").symlink_to(tmp_path / "loop.go")
    with pytest.raises(UnreadableSource, match="symbolic links"):
        open_types(Program(toolchain=Toolchain()), tmp_path / "loop.go")


def test_a_broken_neighbour_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "main.go").write_text("package m\nfunc f() { _ = m[0] }\n")
    (tmp_path / "good.go").write_text("package m\nvar m map[int]int\n")
    (tmp_path / "broken.go").write_text("package m\nfunc g( { var ) }\n`")
    (tmp_path / "loop.go").symlink_to(tmp_path / "loop.go")
    (tmp_path / "folder.go").mkdir()
    types = open_types(Program(toolchain=Toolchain()), tmp_path / "main.go")
    assert [str(types.of(each.operand)) for each in types.indexes()] == ["map[int]int"]


def test_syntax_errors_have_a_place() -> None:
    problems = Source("x.go", b"package m\n\nfunc f() {\n\tx := := 1\n}\n").problems()
    assert [(problem.line, problem.column) for problem in problems] == [(4, 7)]
    assert Source("x.go", b"package m\n").problems() == []


@pytest.mark.parametrize(
    ("text", "generated"),
    [
        (b"// Code generated by x. DO NOT EDIT.\n\npackage m\n", True),
        (b"// Copyright\n\n// Code generated by x. DO NOT EDIT.\r\n\r\npackage m\n", True),
        (b"package m\n\n// Code generated by x. DO NOT EDIT.\n", False),
        (b"//  Code generated by x. DO NOT EDIT.\npackage m\n", False),
        (b"// Code generated by x. DO NOT EDIT. Please.\npackage m\n", False),
    ],
)
def test_generated_files_are_recognised(text: bytes, generated: bool) -> None:
    assert Source("x.go", text).generated is generated


def test_the_package_clause_is_found_behind_comments() -> None:
    assert (
        Source("x.go", b"/* package no */ // package no\n package yes // x").package_name == "yes"
    )
    assert Source("x.go", b"var x int").package_name == ""
