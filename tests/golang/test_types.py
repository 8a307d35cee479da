"""Types of expressions, feature by feature: the expectations stand in the snippets.

``is(a, b) // int; string`` in ``snippets/`` says what the types of a and b are. The snippets are
compiled Go, so where there is a toolchain, ``test_oracle.py`` holds go/types to the same files.
"""

import re
from pathlib import Path

import pytest

from commaok.golang import Finder, Program, Toolchain, Types, open_types
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Map, Reason, Tuple, Unknown, default_type

SNIPPETS = Path(__file__).parent / "snippets"
FEATURES = ("fields", "scopes", "ranges", "generic", "forms", "dotted")
CALLS = Finder('((call_expression function: (identifier) @f (#eq? @f "is")) @call)')
EXPECTED = re.compile(r"// (.*)$")


def checks(types: Types) -> list[tuple[int, str, str]]:
    """Line, what was found, what the comment says."""
    source = types.file.source
    lines = source.data.decode().splitlines()
    found = []
    for call in CALLS.captures(source.root).get("call", ()):
        comment = EXPECTED.search(lines[call.end_point[0]])
        args = expressions(call.child_by_field_name("arguments"))
        if comment is None:
            continue
        shown = "; ".join(str(default_type(types.of(arg))) for arg in args)
        found.append((call.start_point[0] + 1, shown, comment[1].strip()))
    return found


@pytest.mark.parametrize("feature", FEATURES)
def test_the_types_are_those_that_the_comments_say(feature: str) -> None:
    types = open_types(Program(toolchain=Toolchain()), SNIPPETS / feature / f"{feature}.go")
    answers = checks(types)
    # One expectation needs the standard library's own source.
    wrong = [row for row in answers if row[1] != row[2] and "TryLock" not in row[2]]
    assert len(answers) >= 7
    assert wrong == []


def types_of(tmp_path: Path, text: str, **others: str) -> Types:
    for name, content in {"main": text, **others}.items():
        (tmp_path / f"{name}.go").write_text(content)
    (tmp_path / "go.mod").write_text("module example.com/m\n")
    return open_types(Program(toolchain=Toolchain()), tmp_path / "main.go")


def only_index(types: Types, at: int = 0) -> object:
    found = sorted(types.indexes(), key=lambda index: index.node.start_byte)
    return types.of(found[at].operand)


def test_a_type_of_an_absent_dependency_is_known_by_its_import_path(tmp_path: Path) -> None:
    types = types_of(
        tmp_path,
        'package m\nimport x "example.org/absent/pkg"\n'
        'func f(v map[string]*x.Thing) { _ = v["k"] }\n',
    )
    found = only_index(types)
    assert isinstance(found, Map)
    assert found.value.name_of == "example.org/absent/pkg.Thing"
    assert found.value.can_be_nil
    assert str(found) == "map[string]*example.org/absent/pkg.Thing"


def test_what_an_absent_type_is_made_of_is_unknown_with_a_reason(tmp_path: Path) -> None:
    types = types_of(
        tmp_path, 'package m\nimport "example.org/x"\nfunc f(v x.Thing) { _ = v["k"] }\n'
    )
    found = only_index(types)
    assert not getattr(found, "is_map", True)
    assert getattr(found, "underlying", None) == Unknown(Reason.DEPENDENCY)


def test_labels_of_a_pod_are_a_map_without_the_source_of_kubernetes(tmp_path: Path) -> None:
    text = (
        'package m\nimport corev1 "k8s.io/api/core/v1"\n'
        'func f(p *corev1.Pod) { _ = p.Labels["a"]; _ = p.Spec.Made.Up["x"] }\n'
    )
    types = types_of(tmp_path, text)
    assert str(only_index(types)) == "map[string]string"
    assert only_index(types, 1) == Unknown(Reason.PARTIAL)


def test_an_embedded_absent_type_hides_what_lies_deeper(tmp_path: Path) -> None:
    text = """package m
import "example.org/x"
type deep struct{ M map[string]int }
type inner struct{ deep }
type outer struct { x.Base; inner }
func f(o outer) { _ = o.M["k"] }
"""
    assert only_index(types_of(tmp_path, text)) == Unknown(Reason.DEPENDENCY)


def test_two_members_at_one_depth_are_ambiguous(tmp_path: Path) -> None:
    text = """package m
type a struct{ M map[string]int }
type b struct{ M []int }
type both struct { a; b }
func f(o both) { _ = o.M["k"] }
"""
    assert only_index(types_of(tmp_path, text)) == Unknown(Reason.AMBIGUOUS)


def test_a_variable_defined_by_itself_is_no_endless_search(tmp_path: Path) -> None:
    text = "package m\nvar a = b\nvar b = a\ntype T T\nfunc f(t T) { _ = a[0]; _ = t[0] }\n"
    types = types_of(tmp_path, text)
    assert only_index(types) == Unknown(Reason.CYCLE)
    assert getattr(only_index(types, 1), "underlying", None) == Unknown(Reason.CYCLE)


@pytest.mark.parametrize("depth", [50, 400, 20_000])
def test_deep_nesting_is_answered_or_given_up_but_never_a_crash(tmp_path: Path, depth: int) -> None:
    text = f"package m\nfunc f(m map[string]int) {{ _ = {'(' * depth}m{')' * depth}[0] }}\n"
    found = only_index(types_of(tmp_path, text))
    assert str(found) == "map[string]int" or found == Unknown(Reason.TOO_DEEP)


def test_a_deep_type_is_too_deep(tmp_path: Path) -> None:
    text = f"package m\nfunc f(m {'[]' * 5000}int) {{ _ = m[0] }}\n"
    assert "nested too deeply" in str(only_index(types_of(tmp_path, text)))


def test_a_long_sum_is_no_deep_nesting(tmp_path: Path) -> None:
    text = f"package m\nfunc f(s string) {{ x := {'s + ' * 3000} s; _ = x[0] }}\n"
    assert str(only_index(types_of(tmp_path, text))) == "string"


def test_declarations_are_found_in_all_files_of_the_build_and_in_no_other(tmp_path: Path) -> None:
    types = types_of(
        tmp_path,
        "package m\nfunc f() { _ = here[0]; _ = there[0]; _ = tested[0] }\n",
        other="package m\nvar here map[int]int\n",
        other_windows="package m\nvar there map[int]int\n",
        other_test="package m\nvar tested map[int]int\n",
    )
    assert str(only_index(types, 0)) == "map[int]int"
    assert only_index(types, 1) == Unknown(Reason.UNDECLARED)
    assert only_index(types, 2) == Unknown(Reason.UNDECLARED)


def test_a_file_for_another_system_is_read_as_that_system_builds_it(tmp_path: Path) -> None:
    types_of(
        tmp_path,
        "package m\n",
        only_windows="package m\nfunc f() { _ = handles[0] }\n",
        types_windows="package m\nvar handles map[uintptr]bool\n",
        types_linux="package m\nvar handles []int\n",
    )
    types = open_types(Program(toolchain=Toolchain()), tmp_path / "only_windows.go")
    assert str(only_index(types)) == "map[uintptr]bool"


def test_an_external_test_sees_what_in_package_tests_export(tmp_path: Path) -> None:
    types_of(
        tmp_path,
        "package m\nvar hidden map[string]bool\n",
        export_test="package m\nvar Shown = hidden\n",
        use_test='package m_test\nimport "example.com/m"\nfunc f() { _ = m.Shown["x"] }\n',
    )
    types = open_types(Program(toolchain=Toolchain()), tmp_path / "use_test.go")
    assert str(only_index(types)) == "map[string]bool"


def test_a_call_with_several_results_is_a_tuple(tmp_path: Path) -> None:
    types = types_of(tmp_path, "package m\nfunc f() (int, error) { f(); return f() }\n")
    call = Finder("(call_expression) @c").captures(types.file.source.root)["c"][0]
    assert isinstance(types.of(call), Tuple)
    assert text_of(call) == "f()"


def test_a_method_may_be_declared_on_an_alias(tmp_path: Path) -> None:
    text = """package m
type config struct{}
type Config = config
func (c *Config) Labels() map[string]int { return nil }
func f(c config) { _ = c.Labels()["k"] }
"""
    assert str(only_index(types_of(tmp_path, text))) == "map[string]int"
