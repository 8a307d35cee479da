"""The README's promises: its commands exist, its example runs, its links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

from commaok.lab.etcd import EtcdServer
from commaok.watch.etcd import EtcdClient
from tests.cli.test_lab import commaok

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_every_command_of_the_table_exists() -> None:
    commands = re.findall(r"^\| `commaok ([a-z ]+)", README, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        words = [word for word in command.split() if word != "watch-manager"]
        code, output, _ = commaok(*words, "--help")
        assert code == 0
        assert "Usage" in output


def test_every_link_leads_to_a_file() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


def test_every_option_of_the_lab_page_exists() -> None:
    page = (ROOT / "docs/lab.md").read_text()
    _, output, _ = commaok("lab", "run", "--help")
    for option in set(re.findall(r"`(--[a-z-]+)", page)):
        assert option in output


async def test_the_example_prints_what_is_written(etcd: EtcdServer, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    script = tmp_path / "example.py"
    script.write_text(example.replace("127.0.0.1:2379", etcd.endpoint))
    process = subprocess.Popen(
        [sys.executable, "-u", str(script)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "Resynced 1 0\n"  # the list is complete
        async with EtcdClient(etcd.endpoint) as client:
            revision = await client.put(b"/registry/pods/a", b"")
        assert process.stdout.readline() == f"Added {revision} 1\n"
    finally:
        process.kill()
        process.communicate()
