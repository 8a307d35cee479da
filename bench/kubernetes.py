"""How fast golang/ types every index expression of Kubernetes, without vendor.

    python -m bench.kubernetes FOLDER        assembles Kubernetes 1.20 there first, if it is empty

The go command fetches k8s.io/kubernetes and its staging modules; the files are parsed whole and
every index expression is typed, with GOROOT and the module cache as they are.
"""

import argparse
import json
import multiprocessing
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from commaok.golang import Program, open_types
from commaok.golang.files import go_files

KUBERNETES = "v1.20.15"
STAGING = "v0.20.15"


class Share(NamedTuple):
    """What one process did."""

    files: int
    size: int
    typed: int
    unknown: int
    seconds: float
    peak_mib: int


def fetched(module: str) -> Path | None:
    command = ["go", "mod", "download", "-json", module]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, cwd="/")
    directory = json.loads(done.stdout or "{}").get("Dir")
    return Path(directory) if directory else None


def assemble(folder: Path) -> None:
    """The module has no staging directory: its modules are put back where go.mod replaces them."""
    source = fetched(f"k8s.io/kubernetes@{KUBERNETES}")
    assert source is not None, "the go command could not fetch Kubernetes"
    shutil.copytree(source, folder, dirs_exist_ok=True)
    gomod = (source / "go.mod").read_text()
    for module in sorted(set(re.findall(r"=> \./staging/src/(\S+)", gomod))):
        staged = fetched(f"{module}@{STAGING}")
        if staged is not None:
            shutil.copytree(staged, folder / "staging" / "src" / module)
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)


def shares(folder: Path, count: int) -> list[list[str]]:
    """Whole directories, about the same number of bytes for each process."""
    by_directory: dict[str, list[str]] = {}
    for path in go_files([folder], frozenset(("vendor", "testdata"))):
        if isinstance(path, str):
            by_directory.setdefault(str(Path(path).parent), []).append(path)
    sizes = {name: sum(map(os.path.getsize, files)) for name, files in by_directory.items()}
    total = sum(sizes.values())
    found: list[list[str]] = [[] for _ in range(count)]
    done = 0
    for name, files in by_directory.items():
        found[min(count - 1, count * done // total)].extend(files)
        done += sizes[name]
    return found


def work(files: list[str]) -> Share:
    start = time.perf_counter()
    program = Program()
    counts: Counter[bool] = Counter()
    for path in files:
        types = open_types(program, path)
        counts.update(types.of(each.operand).is_known for each in types.indexes())
        types.file.forget_bodies()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    size = sum(map(os.path.getsize, files))
    return Share(len(files), size, counts.total(), counts[False], seconds, peak)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    if not options.folder.is_dir() or not any(options.folder.iterdir()):
        assemble(options.folder)
    start = time.perf_counter()
    parts = shares(options.folder, options.processes)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        done = pool.map(work, parts)
    wall = time.perf_counter() - start
    typed, unknown = sum(each.typed for each in done), sum(each.unknown for each in done)
    size = sum(each.size for each in done) / 1e6
    print(
        f"{sum(each.files for each in done)} files, {size:.1f} MB, {typed} index expressions, "
        f"{100 * (1 - unknown / typed):.2f} % known: {wall:.1f} s wall with {options.processes} "
        f"processes, at most {max(each.peak_mib for each in done)} MiB each"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
