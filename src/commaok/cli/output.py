"""How commands print: tables for people, JSON for programs."""

import enum
import sys

import msgspec
from rich.console import Console

PIPE_WIDTH = 140
"""Columns in a pipe, where nobody knows the width; a terminal has its own."""


class Format(enum.StrEnum):
    """How a command prints."""

    TEXT = "text"
    JSON = "json"


def print_json(value: object) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def wide_console() -> Console:
    """Standard output for tables."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console
