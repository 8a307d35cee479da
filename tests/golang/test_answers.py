"""What a rule asks besides types: objects, callees, functions around a node."""

from pathlib import Path

from tree_sitter import Node

from commaok.golang import (
    Callee,
    Finder,
    Object,
    ObjectKind,
    Program,
    Toolchain,
    Types,
    open_types,
)
from commaok.golang.syntax import text_of

TEXT = """package m

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/workqueue"
)

type registry struct {
	watchers map[string]*int
	queue    workqueue.RateLimitingInterface
}

func (r *registry) forget(id string) {
	if w, ok := r.watchers[id]; ok && w != nil {
		delete(r.watchers, id)
	}
	again := registry{watchers: r.watchers}
	again.forget(id)
	r.queue.Add(id)
	go func() { _ = strings.Split(id, ",") }()
	_ = corev1.ConfigMap{}.Data
	id = string(id)
}
"""


def opened(tmp_path: Path) -> Types:
    (tmp_path / "go.mod").write_text("module example.com/m\n")
    (tmp_path / "main.go").write_text(TEXT)
    return open_types(Program(toolchain=Toolchain()), tmp_path / "main.go")


def nodes(types: Types, kind: str, text: str) -> list[Node]:
    found = Finder(f"({kind}) @n").captures(types.file.source.root).get("n", [])
    return sorted(
        (node for node in found if text_of(node) == text), key=lambda node: node.start_byte
    )


def test_every_use_of_a_variable_is_one_object(tmp_path: Path) -> None:
    types = opened(tmp_path)
    uses = [types.object(node) for node in nodes(types, "identifier", "id")]
    assert len(uses) == 8
    assert len(set(uses)) == 1
    assert uses[0] is not None
    assert uses[0].kind is ObjectKind.VARIABLE
    assert uses[0].is_local


def test_a_field_is_one_object_in_declaration_selector_and_literal(tmp_path: Path) -> None:
    types = opened(tmp_path)
    selected = types.object(nodes(types, "selector_expression", "r.watchers")[0])
    keyed = types.object(nodes(types, "identifier", "watchers")[0])
    declared = types.object(nodes(types, "field_identifier", "watchers")[0])
    assert isinstance(selected, Object)
    assert selected == keyed
    assert declared is not None
    assert declared == selected
    assert selected.qualified == "example.com/m.registry.watchers"


def test_a_field_of_an_external_type_has_its_qualified_name(tmp_path: Path) -> None:
    types = opened(tmp_path)
    field = types.object(nodes(types, "selector_expression", "corev1.ConfigMap{}.Data")[0])
    assert field is not None
    assert field.qualified == "k8s.io/api/core/v1.ConfigMap.Data"


def test_calls_are_named_by_package_receiver_and_name(tmp_path: Path) -> None:
    types = opened(tmp_path)
    callees = {
        text: types.callee(nodes(types, "call_expression", text)[0])
        for text in (
            "delete(r.watchers, id)",
            "again.forget(id)",
            "r.queue.Add(id)",
            'strings.Split(id, ",")',
            "string(id)",
        )
    }
    assert callees == {
        "delete(r.watchers, id)": Callee("builtin", "", "delete"),
        "again.forget(id)": Callee("example.com/m", "registry", "forget"),
        "r.queue.Add(id)": Callee(
            "k8s.io/client-go/util/workqueue", "RateLimitingInterface", "Add"
        ),
        'strings.Split(id, ",")': Callee("strings", "", "Split"),
        "string(id)": None,
    }


def test_the_function_around_a_node_is_the_innermost(tmp_path: Path) -> None:
    types = opened(tmp_path)
    inner = types.enclosing_function(nodes(types, "call_expression", 'strings.Split(id, ",")')[0])
    outer = types.enclosing_function(nodes(types, "call_expression", "r.queue.Add(id)")[0])
    assert inner is not None
    assert inner.type == "func_literal"
    assert outer is not None
    assert outer.type == "method_declaration"


def test_a_name_that_is_read_is_not_the_name_that_is_declared(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module example.com/m\n")
    (tmp_path / "main.go").write_text("package m\nfunc f(a int) { { a := a; _ = a } }\n")
    types = open_types(Program(toolchain=Toolchain()), tmp_path / "main.go")
    param, declared, read, used = (types.object(n) for n in nodes(types, "identifier", "a"))
    assert param == read
    assert declared == used
    assert param != declared


def test_indexes_are_found_however_the_grammar_reads_them(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module example.com/m\n")
    (tmp_path / "main.go").write_text(
        "package m\n"
        "func g[T any](x T) {}\n"
        "type p[T any] struct{}\n"
        "func f(h map[string]func(...int), k string, c struct{ k string }) {\n"
        '\th[k](1); h[k](1, 2); h["k"](1); h[c.k](1, 2); g[int](1); _ = p[int]{}; _ = h[k]\n'
        "}\n"
    )
    types = open_types(Program(toolchain=Toolchain()), tmp_path / "main.go")
    found = [(text_of(each.operand), text_of(each.key)) for each in types.indexes()]
    assert sorted(found) == [("h", '"k"'), ("h", "c.k"), *[("h", "k")] * 3]
    assert all(types.of(each.operand).is_map for each in types.indexes())
