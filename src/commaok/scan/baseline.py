"""Findings that are known: a file of fingerprints, which survive when lines move."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from commaok.errors import UsageError
from commaok.scan.findings import Finding

SCHEMA = "commaok.baseline/1"


class Known(msgspec.Struct, frozen=True, order=True):
    """How often a finding is known in one function of one file."""

    path: str
    rule: str
    function: str
    text: str
    count: int


class Baseline(msgspec.Struct, frozen=True):
    """The content of a baseline file."""

    schema: str
    known: tuple[Known, ...]


def read_baseline(file: Path) -> Baseline:
    """Read a baseline; raises UsageError when it is missing or something else."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=Baseline)
    except OSError as error:
        raise UsageError(
            f"The baseline {file} cannot be read: {error.strerror}.",
            "`commaok scan --write-baseline FILE` makes one.",
        ) from error
    except msgspec.MsgspecError as error:
        raise UsageError(f"{file} is no baseline: {error}.", "Write it anew.") from error
    if found.schema != SCHEMA:
        raise UsageError(f"{file} is {found.schema}, not {SCHEMA}.", "Write it anew.")
    return found


def write_baseline(file: Path, findings: Iterable[Finding]) -> None:
    """Write the findings as known."""
    counts = Counter(map(_identity, findings))
    known = tuple(sorted(Known(*identity, count) for identity, count in counts.items()))
    content = msgspec.json.encode(Baseline(SCHEMA, known))
    file.write_bytes(msgspec.json.format(content, indent=1) + b"\n")


def unknown(findings: Iterable[Finding], baseline: Baseline) -> list[Finding]:
    """The findings that the baseline does not know; of more than it knows, the last ones."""
    left = Counter(
        {(each.path, each.rule, each.function, each.text): each.count for each in baseline.known}
    )
    found: list[Finding] = []
    for each in findings:
        identity = _identity(each)
        if left[identity] > 0:
            left[identity] -= 1
        else:
            found.append(each)
    return found


def _identity(found: Finding) -> tuple[str, str, str, str]:
    return (found.place.path, found.rule, found.function, found.text)
