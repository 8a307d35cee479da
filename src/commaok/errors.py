"""The errors a user can do something about.

``CommaokError`` is everything that the terminal reports as one message and exit code 2::

    CommaokError
    ├── UsageError            an option or argument that makes no sense
    └── MachineError          something on this machine is missing or in the way

Rooms derive their own from these two; a message names the cause, the remedy says what to do.
"""


class CommaokError(Exception):
    """A failure with a cause that a user can read and a remedy that a user can apply."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.cause} {self.remedy}"


class UsageError(CommaokError):
    """An option or argument that makes no sense, alone or beside the others."""


class MachineError(CommaokError):
    """Something on this machine is missing, broken or in the way."""
