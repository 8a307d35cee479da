"""How long commaok scan takes: Kubernetes cold, after a change of one file, and one file alone.

    python -m bench.scan FOLDER        assembles Kubernetes 1.20 there first, if it is empty

Every run is the command as a user starts it, with a cache folder of its own; the changed file is a
copy, so the tree is left as it was. Times are the best of three, except the cold run's.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.kubernetes import assemble

CHANGED = "pkg/kubelet/cm/devicemanager/manager.go"


def run(folder: Path, cache: str, *arguments: str) -> tuple[float, str]:
    command = [sys.executable, "-m", "commaok", "scan", *arguments]
    environment = os.environ | {"XDG_CACHE_HOME": cache}
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    assert done.returncode in (0, 1), done.stderr
    return seconds, done.stderr.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    if not folder.is_dir() or not any(folder.iterdir()):
        assemble(folder)
    with tempfile.TemporaryDirectory() as cache:
        cold, said = run(folder, cache, ".", "--stats")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = used.ru_utime + used.ru_stime
        print(said)
        print(
            f"cold: {cold:.1f} s, {processor:.1f} s of processor time, "
            f"at most {used.ru_maxrss // 1024} MiB a process; load {os.getloadavg()[0]:.1f}"
        )
        file = folder / CHANGED
        before = file.read_bytes()
        try:
            changed = []
            for number in range(3):
                file.write_bytes(before + b"\n// changed %d\n" % number)
                changed.append(run(folder, cache, ".")[0])
        finally:
            file.write_bytes(before)
        print(f"one file changed: {min(changed):.2f} s")
        alone = min(run(folder, cache, CHANGED)[0] for _ in range(3))
        lines = before.count(b"\n")
        print(f"one file of {lines} lines alone: {alone:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
