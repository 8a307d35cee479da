"""A rule: a function from a file to findings, and what lets the engine leave the file unread."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from commaok.scan.file import File
from commaok.scan.findings import Finding

Check = Callable[[File], Iterable[Finding]]
Prefilter = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Rule:
    """What finds one hazard. Made by ``rule``."""

    id: str
    check: Check
    needs: tuple[Callable[[bytes], object], ...]
    """Every one must say yes to a file's bytes, else the file is not parsed for this rule."""
    tests: bool = False
    """Whether it looks at ``_test.go`` files, where no cluster loses an event."""

    def may_match(self, data: bytes) -> bool:
        """Whether a file can hold a finding at all, as far as its bytes tell."""
        return all(needed(data) for needed in self.needs)

    def findings(self, file: File) -> Iterator[Finding]:
        """What the rule finds in a file."""
        for found in self.check(file):
            yield msgspec.structs.replace(found, rule=self.id)


def rule(
    identity: str,
    *,
    needs: bytes | Prefilter | tuple[bytes | Prefilter, ...] = (),
    tests: bool = False,
) -> Callable[[Check], Rule]:
    """Make a function the rule of a hazard.

    ``needs`` are regular expressions over the file's bytes (``re.MULTILINE``), all of which must
    match somewhere, or functions of those bytes: the tighter, the fewer files are parsed.
    """
    wanted = needs if isinstance(needs, tuple) else (needs,)
    filters = tuple(
        each if callable(each) else re.compile(each, re.MULTILINE).search for each in wanted
    )
    return lambda check: Rule(identity, check, filters, tests)
