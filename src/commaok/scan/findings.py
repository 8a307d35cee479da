"""What a rule reports: a finding, what speaks for it, and the edits that would mend it.

Everything here is plain data, so that it can be cached, sent between processes and printed.
"""

import enum

import msgspec


class Severity(enum.IntEnum):
    """How sure and how bad: both evidence and consequence, one of them, or neither."""

    NOTE = 0
    WARNING = 1
    ERROR = 2

    @property
    def label(self) -> str:
        """The word in reports and options."""
        return self.name.lower()


class Place(msgspec.Struct, frozen=True):
    """A range of a file. Lines and columns count from 1, columns in bytes as Go's do."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int


class Ground(msgspec.Struct, frozen=True):
    """One thing that speaks for a finding: a short word for machines, a clause for people."""

    kind: str
    text: str
    at: Place | None = None


class FixKind(enum.StrEnum):
    """Whether a fix may change what the program does."""

    PRESERVING = "preserving"
    CHANGING = "changing"


class Edit(msgspec.Struct, frozen=True, order=True):
    """Bytes ``start`` to ``end`` of the finding's file become ``text``."""

    start: int
    end: int
    text: str


class Fix(msgspec.Struct, frozen=True):
    """Edits that belong together: all of them are made, or none."""

    kind: FixKind
    description: str
    edits: tuple[Edit, ...]


class Finding(msgspec.Struct, frozen=True):
    """One place where a hazard was found. ``rule`` is filled in by the engine."""

    place: Place
    message: str
    evidence: tuple[Ground, ...] = ()
    consequence: tuple[Ground, ...] = ()
    fix: Fix | None = None
    related: tuple[Ground, ...] = ()
    rule: str = ""
    function: str = ""
    """The function around it, for baselines: lines move, functions rarely do."""
    text: str = ""
    """The source between the place's ends, blanks made one."""

    @property
    def severity(self) -> Severity:
        """Error with evidence and consequence, warning with one, note with neither."""
        return Severity(bool(self.evidence) + bool(self.consequence))
