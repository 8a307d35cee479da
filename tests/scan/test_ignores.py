from pathlib import Path

from commaok.hazards import rules
from commaok.scan.discovery import targets
from commaok.scan.engine import Plan, scan
from tests.scan.made import load, module


def _found(tmp_path: Path, line: str, above: str = "") -> list[tuple[str, int, str]]:
    text = f"package p\n\nfunc frob()\n\nfunc f() {{\n{above}\t{line}\n}}\n"
    folder = module(tmp_path, a=text)
    result = scan(Plan(targets([str(folder)]), load, ("OK900",)))
    return [(each.rule, each.place.line, each.message) for each in result.findings]


def test_a_comment_with_a_reason_accepts_the_finding_on_its_line(tmp_path: Path) -> None:
    assert not _found(tmp_path, "frob() //commaok:ignore OK900 it is meant so")


def test_a_comment_on_a_line_of_its_own_accepts_the_next_line(tmp_path: Path) -> None:
    assert not _found(tmp_path, "frob()", "\t//commaok:ignore OK901,OK900 it is meant so\n")


def test_without_a_reason_nothing_is_ignored_and_the_comment_is_reported(tmp_path: Path) -> None:
    found = _found(tmp_path, "frob() //commaok:ignore OK900")
    assert [(rule, line) for rule, line, _ in found] == [("OK900", 6), ("OK000", 6)]
    assert found[1][2] == "this comment ignores nothing: it lacks a reason"


def test_a_comment_that_ignores_nothing_is_reported(tmp_path: Path) -> None:
    found = _found(tmp_path, "g() //commaok:ignore OK900 it was bad once")
    assert found == [("OK000", 6, "there is no finding of OK900 here to ignore")]


def test_a_comment_for_a_rule_that_did_not_run_is_left_alone(tmp_path: Path) -> None:
    assert not _found(tmp_path, "g() //commaok:ignore OK901 not looked for today")


def test_a_comment_accepts_a_finding_that_was_made_from_the_file_beside_it(tmp_path: Path) -> None:
    registry = "package p\n\ntype r struct{ m map[int]*int }\n\n"
    helper = registry + "func (x *r) get(k int) *int {\n\treturn x.m[k]\n}\n"
    caller = (
        "package p\n\nfunc (x *r) drop(k int) {\n\tif x.get(k) != nil {%s\n"
        "\t\tdelete(x.m, k)\n\t}\n}\n"
    )
    for comment, expected in (("", ["b.go"]), (" //commaok:ignore OK101 known", [])):
        folder = module(tmp_path, a=helper, b=caller % comment)
        result = scan(Plan(targets([str(folder)]), rules, ("OK101",)))
        assert [Path(each.place.path).name for each in result.findings] == expected
