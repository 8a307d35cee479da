"""One function a thing to look for; each looks, and changes nothing."""

import enum
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import msgspec

from commaok.errors import CommaokError
from commaok.lab.etcd import find_etcd

# linux/capability.h
_CAPABILITIES: Final = {"CAP_SYS_PTRACE": 19, "CAP_SYS_ADMIN": 21, "CAP_PERFMON": 38, "CAP_BPF": 39}


class Status(enum.StrEnum):
    """Whether a thing is there; ``UNKNOWN`` when it could not be found out."""

    FOUND = "found"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Check(msgspec.Struct, frozen=True):
    """One thing: whether it is there, what was seen, what it unlocks, how to get it."""

    name: str
    status: Status
    seen: str
    unlocks: str
    remedy: str


def examine() -> tuple[Check, ...]:
    """Look for everything."""
    return (etcd(), go(), btf(), *capabilities(), tracefs(), chromium(), java())


def etcd() -> Check:
    """A real etcd."""
    try:
        binary = find_etcd()
    except CommaokError as error:
        return Check("etcd", Status.MISSING, error.cause, "commaok lab", error.remedy)
    seen = f"{binary.version} ({binary.source}: {binary.path})"
    return Check(
        "etcd",
        Status.FOUND,
        seen,
        "commaok lab",
        "",
    )


def go() -> Check:
    """The Go toolchain."""
    return _program(
        "Go toolchain",
        ("go",),
        "version",
        r"go version go(\S+)",
        unlocks="building a current etcd to test against (docs/lab.md)",
        remedy="Install Go, or `apt-get install golang-go`.",
    )


def java() -> Check:
    """A Java runtime."""
    return _program(
        "Java",
        ("java",),
        "-version",
        r'version "([^"]+)"',
        unlocks="nothing yet",
        remedy="`apt-get install default-jre-headless`.",
    )


def chromium() -> Check:
    """A browser that runs without a display."""
    return _program(
        "Chromium",
        ("chromium", "chromium-browser", "google-chrome"),
        "--version",
        r"(\d+\.[\d.]+)",
        unlocks="tests that look at the report as a browser draws it",
        remedy="`apt-get install chromium`.",
    )


def btf() -> Check:
    """The kernel's type information."""
    unlocks = "nothing yet (kernel probes)"
    path = Path("/sys/kernel/btf/vmlinux")
    if path.exists():
        return Check("BTF", Status.FOUND, f"{path}, Linux {platform.release()}", unlocks, "")
    remedy = "Run a kernel built with CONFIG_DEBUG_INFO_BTF=y."
    return Check("BTF", Status.MISSING, f"no {path}", unlocks, remedy)


def capabilities() -> tuple[Check, ...]:
    """What this process may do, from its effective set."""
    unlocks = "nothing yet (kernel probes)"
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        status = ""
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    if found is None:
        seen, remedy = "/proc/self/status does not say", "Is /proc mounted?"
        return tuple(Check(name, Status.UNKNOWN, seen, unlocks, remedy) for name in _CAPABILITIES)
    effective = int(found[1], 16)
    return tuple(
        Check(name, Status.FOUND, "in the effective set", unlocks, "")
        if effective >> bit & 1
        else Check(
            name,
            Status.MISSING,
            "not in the effective set",
            unlocks,
            "Run as root, or grant it with setcap or the container's securityContext.",
        )
        for name, bit in _CAPABILITIES.items()
    )


def tracefs() -> Check:
    """Where the kernel lists its tracepoints."""
    unlocks = "nothing yet (kernel probes)"
    for path in (Path("/sys/kernel/tracing"), Path("/sys/kernel/debug/tracing")):
        if os.access(path / "events", os.R_OK | os.X_OK):
            return Check("tracefs", Status.FOUND, str(path), unlocks, "")
    remedy = "As root: `mount -t tracefs tracefs /sys/kernel/tracing`."
    return Check("tracefs", Status.MISSING, "not mounted, or not readable", unlocks, remedy)


def _program(
    name: str, commands: tuple[str, ...], flag: str, pattern: str, *, unlocks: str, remedy: str
) -> Check:
    path = next((found for command in commands if (found := shutil.which(command))), None)
    if path is None:
        return Check(name, Status.MISSING, "not on PATH", unlocks, remedy)
    try:
        answer = subprocess.run(
            [path, flag], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check(name, Status.UNKNOWN, f"{path} did not answer: {error}", unlocks, remedy)
    version = re.search(pattern, answer.stdout + answer.stderr)
    if version is None:
        seen = f"{path} does not say its version"
        return Check(name, Status.UNKNOWN, seen, unlocks, remedy)
    return Check(name, Status.FOUND, f"{version[1]} ({path})", unlocks, "")
