"""How often golang/ resolves a type, and how often go/types agrees: ``make accuracy``.

    python -m bench.accuracy std                         the standard library
    python -m bench.accuracy github.com/moby/buildkit@v0.17.0   a module, fetched by the go command
    python -m bench.accuracy PATH                        a module on this machine

The oracle in ``tests/golang/oracle`` runs go/types over the same files with cgo off. Each is
measured twice: with every source that is here, and with the module's own files alone.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tree_sitter import Node

from commaok.golang import Program, Toolchain, Types, open_types
from commaok.golang.syntax import expressions
from commaok.golang.types import (
    Array,
    Basic,
    Chan,
    Func,
    Interface,
    Map,
    Pointer,
    Slice,
    Struct,
    Tuple,
    Type,
    TypeParam,
    Unknown,
)

ORACLE = Path(__file__).parent.parent / "tests" / "golang" / "oracle"
CATEGORIES: dict[type[Type], str] = {
    Map: "map",
    Slice: "slice",
    Array: "array",
    Pointer: "pointer",
    Chan: "chan",
    Func: "func",
    Struct: "struct",
    Interface: "interface",
    Tuple: "tuple",
    Basic: "basic",
    Unknown: "unknown",
}


class Truth(NamedTuple):
    """What go/types says about one expression."""

    line: int
    column: int
    kind: str
    category: str
    shown: str


@dataclass
class Score:
    """What came out, expression by expression."""

    total: int = 0
    resolved: int = 0
    same_category: int = 0
    same_type: int = 0
    deferred: int = 0
    maps: int = 0
    maps_found: int = 0
    maps_false: int = 0
    seconds: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        resolved = self.resolved or 1
        right = self.maps_found or 1
        return (
            f"{self.total} expressions, {100 * self.resolved / (self.total or 1):.2f} % resolved, "
            f"agreement {100 * self.same_category / resolved:.3f} % on the category and "
            f"{100 * self.same_type / resolved:.3f} % on the whole type; map precision "
            f"{self.maps_found / (right + self.maps_false):.4f}, recall "
            f"{self.maps_found / (self.maps or 1):.4f}; {self.seconds:.1f} s"
        )


def category(found: Type) -> str:
    return "typeparam" if isinstance(found, TypeParam) else CATEGORIES[type(found.underlying)]


def build_oracle(folder: str) -> str:
    program = os.path.join(folder, "oracle")
    subprocess.run(["go", "build", "-o", program, "."], cwd=ORACLE, check=True)
    return program


def truths(
    oracle: str, directory: str, patterns: list[str], *, every: bool, tests: bool = False
) -> dict[str, list[Truth]]:
    """What go/types says, by file."""
    flags = [*(["-every"] if every else []), *(["-tests"] if tests else [])]
    command = [oracle, *flags, directory, *patterns]
    environment = os.environ | {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly",
        "GOOS": "linux",
        "GOARCH": "amd64",
    }
    found: dict[str, list[Truth]] = defaultdict(list)
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        for row in process.stdout:
            place, kind, name, shown = row.rstrip("\n").split("\t")
            path, line, column = place.rsplit(":", 2)
            found[path].append(Truth(int(line), int(column), kind, name, shown))
    # A package and its test variant share files; a test's generated main is nobody's file.
    return {path: sorted(set(rows)) for path, rows in found.items() if path.endswith(".go")}


def measure(program: Program, expected: dict[str, list[Truth]], *, every: bool) -> Score:
    score = Score()
    start = time.perf_counter()
    for path, rows in sorted(expected.items()):
        types = open_types(program, path)
        nodes = _every(types, rows) if every else _indexed(types, rows)
        for truth, node in nodes:
            _compare(score, types, path, truth, node)
        types.file.forget_bodies()
    score.seconds = time.perf_counter() - start
    return score


def _compare(score: Score, types: Types, path: str, truth: Truth, node: Node | None) -> None:
    score.total += 1
    score.maps += truth.category == "map"
    found = types.of(node) if node is not None else None
    where = f"{path}:{truth.line}:{truth.column}"
    if found is None or isinstance(found, Unknown):
        score.reasons[found.reason.name if found else "NO NODE"] += 1
        detail = f"{found.reason.name} {found.detail}" if found else "no node"
        score.wrong.append(f"unknown\t{where}\t{truth.kind}\t{detail}\t{truth.shown}")
        return
    got = category(found)
    if truth.category in ("generic", "func") and truth.kind == "index":
        generic = got == "func" or (node is not None and types.is_type(node))
        score.resolved += 1
        score.same_category += generic
        score.same_type += generic
        score.maps_false += got == "map" and not generic
        if not generic:
            score.wrong.append(f"category\t{where}\t{truth.kind}\t{found}\t{truth.category}")
        return
    if got == "unknown":
        under = found.underlying
        reason = under.reason.name if isinstance(under, Unknown) else "?"
        score.reasons[reason] += 1
        score.wrong.append(f"unknown\t{where}\t{truth.kind}\t{found} {reason}\t{truth.shown}")
        return
    score.resolved += 1
    untyped = isinstance(found, Basic) and found.is_untyped
    generic_function = isinstance(found, Func) and bool(found.type_params) and got == truth.category
    if generic_function or (untyped and truth.category in ("basic", "interface", "typeparam")):
        # The context decides: go/types shows the type after it did.
        score.deferred += 1
        score.same_category += 1
        score.same_type += 1
        return
    score.same_category += got == truth.category
    score.same_type += str(found) == truth.shown
    score.maps_found += got == truth.category == "map"
    score.maps_false += got == "map" != truth.category
    if got != truth.category:
        score.wrong.append(
            f"category\t{where}\t{truth.kind}\t{found}\t{truth.category} {truth.shown}"
        )
    elif str(found) != truth.shown:
        score.wrong.append(f"type\t{where}\t{truth.kind}\t{found}\t{truth.shown}")


def _indexed(types: Types, rows: list[Truth]) -> Iterator[tuple[Truth, Node | None]]:
    operands: dict[tuple[int, int], Node] = {}
    waiting = [types.file.source.root]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.named_children)
        base = node.child_by_field_name("operand") if node.type == "index_expression" else None
        if node.type in ("generic_type", "type_instantiation_expression"):
            base = node.child_by_field_name("type")
        if node.type == "call_expression" and node.child_by_field_name("type_arguments"):
            base = node.child_by_field_name("function")
        if base is not None:
            spot = base.end_point
            operands[spot[0] + 1, spot[1] + 1] = base
    for truth in rows:
        yield truth, operands.get((truth.line, truth.column))


def _every(types: Types, rows: list[Truth]) -> Iterator[tuple[Truth, Node | None]]:
    source = types.file.source
    starts = [0]
    while (newline := source.data.find(b"\n", starts[-1])) >= 0:
        starts.append(newline + 1)
    for truth in rows:
        begin = starts[truth.line - 1] + truth.column - 1
        end = begin + int(truth.kind.partition(":")[0])
        node = source.root.named_descendant_for_byte_range(begin, end)
        if node is not None and (node.start_byte, node.end_byte) != (begin, end):
            node = None
        while node is not None and node.type == "expression_list" and node.named_child_count == 1:
            node = expressions(node)[0]
        yield truth, node


def module_directory(name: str) -> str:
    """Where a module lies: a path, or fetched by the go command into its cache."""
    if os.path.isdir(name):
        return os.path.abspath(name)
    done = subprocess.run(
        ["go", "mod", "download", "-json", name], stdout=subprocess.PIPE, check=True, cwd="/"
    )
    return str(json.loads(done.stdout)["Dir"])


def report(title: str, score: Score, shown: int) -> None:
    print(f"{title}: {score}")
    print(
        "  unknown: " + ", ".join(f"{count} {name}" for name, count in score.reasons.most_common(8))
    )
    for row in score.wrong[:shown] if shown >= 0 else score.wrong:
        print("  " + row)


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("subjects", nargs="+")
    parser.add_argument(
        "--every", action="store_true", help="all expressions, not only indexed ones"
    )
    parser.add_argument("--tests", action="store_true", help="test files too")
    parser.add_argument(
        "--show", type=int, default=0, help="how many differences to print; -1: all"
    )
    parser.add_argument("--only", choices=("full", "alone"), help="measure one of the two")
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    if shutil.which("go") is None:
        print("accuracy needs the go command", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        oracle = build_oracle(folder)
        for subject in options.subjects:
            toolchain = Toolchain.discover()
            std = subject == "std"
            directory = os.path.join(toolchain.goroot, "src") if std else module_directory(subject)
            pattern = "std" if std else "./..."
            expected = truths(
                oracle, directory, [pattern], every=options.every, tests=options.tests
            )
            if options.only != "alone":
                score = measure(Program(toolchain=toolchain), expected, every=options.every)
                report(f"{subject}, all sources", score, options.show)
            if options.only != "full" and not std:
                score = measure(Program(toolchain=Toolchain()), expected, every=options.every)
                report(f"{subject}, module alone", score, options.show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
