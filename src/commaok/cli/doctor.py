"""``commaok doctor``: what is there, what it unlocks, how to get what is missing."""

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from commaok.cli.lab import Format
from commaok.doctor import Status, examine

_STYLES = {Status.FOUND: "green", Status.MISSING: "yellow", Status.UNKNOWN: "magenta"}


def doctor(
    *,
    output: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TEXT,
) -> None:
    """Show what this machine has, what each thing unlocks, and how to get what is missing."""
    checks = examine()
    if output is Format.JSON:
        answer = {"schema": "commaok.doctor/1", "checks": checks}
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("", "status", "seen", "unlocks", "how to get it"):
        table.add_column(heading, overflow="fold")
    for one in checks:
        status = f"[{_STYLES[one.status]}]{one.status}[/]"
        table.add_row(one.name, status, one.seen, one.unlocks, one.remedy)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 160
    console.print(table)
