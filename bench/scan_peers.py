"""Seconds and memory of a scan, beside the peers, on one Go module that all of them can take.

    python -m bench.scan_peers [MODULE@VERSION] [--rounds 1]

The module comes from the Go module cache (the go command fetches it) and is copied, since tools
may write beside what they read. Each tool runs in turn, from an empty cache of its own each time;
printed are medians of wall and CPU seconds and the largest process. A tool that is not on PATH is
named and left out, one that failed is shown so. They do not look for the same things: staticcheck
and nilaway type-check with the compiler's packages, semgrep runs one pattern without types.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

MODULE = "k8s.io/client-go@v0.36.2"
SEMGREP_RULE = """rules:
- {id: value-as-existence, languages: [go], severity: WARNING, message: m, pattern: "$M[$K] != nil"}
"""


class Tool(NamedTuple):
    """A program on PATH, how it is called in the module's folder, and good exit codes."""

    program: str
    arguments: tuple[str, ...]
    fine: frozenset[int]


TOOLS = {
    "commaok": Tool(sys.executable, ("-m", "commaok", "scan", "./..."), frozenset({0, 1})),
    "staticcheck": Tool("staticcheck", ("./...",), frozenset({0, 1})),
    "nilaway": Tool("nilaway", ("./...",), frozenset({0, 1, 3})),
    "semgrep": Tool(
        "semgrep",
        ("scan", "--metrics=off", "--disable-version-check", "--quiet", "--config", "rule.yaml"),
        frozenset({0, 1}),
    ),
}


class Took(NamedTuple):
    """One run: seconds, CPU seconds, MiB of the largest process, and whether it worked."""

    seconds: float
    cpu: float
    mebibytes: float
    worked: bool


def fetch(module: str, directory: Path) -> Path:
    """A copy of the module with its dependencies downloaded."""
    answer = subprocess.run(
        ["go", "mod", "download", "-json", module], capture_output=True, text=True, check=False
    )
    found = json.loads(answer.stdout or "{}")
    if "Dir" not in found:
        sys.exit(f"the go command cannot fetch {module}: {found.get('Error') or answer.stderr}")
    copy = directory / "module"
    shutil.copytree(found["Dir"], copy)
    subprocess.run(["chmod", "-R", "u+w", str(copy)], check=True)
    (copy / "rule.yaml").write_text(SEMGREP_RULE)
    subprocess.run(["go", "mod", "download"], cwd=copy, check=True)
    return copy


def run(tool: Tool, module: Path, cache: Path) -> Took:
    """Run a tool with a cache folder of its own and ask the kernel what it cost."""
    environment = os.environ | {
        "XDG_CACHE_HOME": str(cache),
        "STATICCHECK_CACHE": str(cache),
        "GOFLAGS": "-mod=mod",
    }
    begun = time.monotonic()
    process = subprocess.Popen(
        [tool.program, *tool.arguments],
        cwd=module,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - begun
    cpu = usage.ru_utime + usage.ru_stime
    return Took(seconds, cpu, usage.ru_maxrss / 1024, process.returncode in tool.fine)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("module", nargs="?", default=MODULE)
    parser.add_argument("--rounds", type=int, default=1)
    chosen = parser.parse_args()
    console = Console()
    if not shutil.which("go"):
        sys.exit("there is no go command on PATH, which fetches the module")
    here = {name: tool for name, tool in TOOLS.items() if shutil.which(tool.program)}
    for name in TOOLS.keys() - here.keys():
        console.print(f"{name} is not on PATH: left out")
    taken: dict[str, list[Took]] = {name: [] for name in here}
    with tempfile.TemporaryDirectory(prefix="commaok-bench-") as folder:
        module = fetch(chosen.module, Path(folder))
        lines = sum(path.read_bytes().count(b"\n") for path in module.rglob("*.go"))
        # The first build of the dependencies is nobody's analysis.
        subprocess.run(["go", "build", "./..."], cwd=module, check=False, capture_output=True)
        for round_number in range(chosen.rounds):
            for name, tool in here.items():
                cache = Path(folder) / f"cache-{name}-{round_number}"
                cache.mkdir()
                taken[name].append(run(tool, module, cache))
    title = f"{chosen.module}: {lines:,} lines of Go, median of {chosen.rounds}"
    table = Table(title=title, title_justify="left", box=None)
    for heading in ("tool", "seconds", "CPU seconds", "MiB", ""):
        table.add_column(heading, justify="left" if heading in {"tool", ""} else "right")
    for name, runs in taken.items():
        table.add_row(
            name,
            f"{statistics.median(one.seconds for one in runs):.1f}",
            f"{statistics.median(one.cpu for one in runs):.1f}",
            f"{statistics.median(one.mebibytes for one in runs):,.0f}",
            "" if all(one.worked for one in runs) else "failed",
        )
    console.print(table)


if __name__ == "__main__":
    main()
