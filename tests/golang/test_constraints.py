"""Build constraints decide which files are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commaok.golang.constraints import (
    All,
    Any,
    Build,
    Constraint,
    ConstraintSyntaxError,
    Not,
    Tag,
    file_constraint,
    holds,
    parse_constraint,
    parse_plus_build,
    satisfying,
    written,
)

TAGS = st.sampled_from(["linux", "windows", "amd64", "cgo", "go1.21", "a_b", "x.y", "unix"])
CONSTRAINTS: st.SearchStrategy[Constraint] = st.recursive(
    TAGS.map(Tag),
    lambda inner: st.one_of(
        inner.filter(lambda each: not isinstance(each, Not)).map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda each: All(tuple(each))),
        st.lists(inner, min_size=2, max_size=3).map(lambda each: Any(tuple(each))),
    ),
    max_leaves=12,
)


@given(CONSTRAINTS, st.frozensets(TAGS))
def test_what_is_written_means_the_same_when_it_is_read(
    constraint: Constraint, tags: frozenset[str]
) -> None:
    again = parse_constraint(written(constraint))
    assert holds(again, tags.__contains__) == holds(constraint, tags.__contains__)


@given(st.text(alphabet="ab!&|() .\t-\u00e9", max_size=40))
def test_any_text_is_a_constraint_or_refused(text: str) -> None:
    try:
        found = parse_constraint(text)
    except ConstraintSyntaxError:
        return
    assert holds(found, lambda _: True) in (True, False)


@given(CONSTRAINTS)
def test_the_build_that_satisfies_a_constraint_does(constraint: Constraint) -> None:
    build = satisfying(constraint, Build())
    assert build is None or holds(constraint, build.satisfies)


@pytest.mark.parametrize(
    ("name", "header", "linux", "windows"),
    [
        ("a.go", b"", True, True),
        ("a_linux.go", b"", True, False),
        ("a_windows_amd64_test.go", b"", False, True),
        ("a_windows_arm64.go", b"", False, False),
        ("linux.go", b"", True, True),
        ("a_unix.go", b"", True, True),
        ("a.go", b"//go:build windows\n\n", False, True),
        ("a.go", b"//go:build unix && !cgo\n\n", True, False),
        ("a.go", b"//go:build go1.18 && (amd64 || arm64)\n\n", True, True),
        ("a.go", b"// +build windows,amd64 plan9\n\n", False, True),
        ("a.go", b"// +build !linux\n// +build amd64\n\n", False, True),
        ("a.go", b"// +build windows\n", True, True),
        ("a.go", b"//go:build linux\n// +build windows\n\n", True, False),
        ("a.go", b"//go:build ignore\n\n", False, False),
        ("a.go", b"//go:build linux &&\n\n", False, False),
    ],
)
def test_names_and_comments_choose_the_files(
    name: str, header: bytes, linux: bool, windows: bool
) -> None:
    constraint = file_constraint(name, header)
    assert holds(constraint, Build().satisfies) is linux
    assert holds(constraint, Build(goos="windows").satisfies) is windows


def test_a_file_behind_a_tag_is_read_with_that_tag() -> None:
    build = satisfying(parse_constraint("integration && !linux"), Build())
    assert build is not None
    assert "integration" in build.tags
    assert build.goos != "linux"
    assert satisfying(parse_constraint("a && !a"), Build()) is None


def test_deep_parentheses_are_refused() -> None:
    with pytest.raises(ConstraintSyntaxError, match="too deeply"):
        parse_constraint("(" * 5000 + "a" + ")" * 5000)


def test_plus_build_lines_are_and_ed_words_or_ed_commas_and_ed() -> None:
    found = parse_plus_build(["a,b c", "!d"])
    assert written(found) == "((a && b) || c) && !d"
