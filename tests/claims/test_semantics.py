import os
import shutil
import subprocess
from pathlib import Path

import pytest


def test_what_the_claims_say_of_gos_maps_holds_on_the_installed_go() -> None:
    go = shutil.which("go")
    if go is None:
        pytest.skip("there is no Go toolchain on PATH")
    run = subprocess.run(
        [go, "test", "-count=1", "-v", "./..."],
        cwd=Path(__file__).parent / "semantics",
        env=os.environ | {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("--- PASS") + run.stdout.count("--- SKIP") == 6
