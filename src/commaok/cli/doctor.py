"""``commaok doctor``: what is there, what it unlocks, how to get what is missing."""

from typing import Annotated

import typer
from rich.table import Table

from commaok.cli.output import Format, print_json, wide_console
from commaok.doctor import Status, examine

_STYLES = {Status.FOUND: "green", Status.MISSING: "yellow", Status.UNKNOWN: "magenta"}

app = typer.Typer(add_completion=False)


@app.command("doctor")
def doctor(
    *,
    output: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TEXT,
) -> None:
    """Show what this machine has, what each thing unlocks, and how to get what is missing."""
    checks = examine()
    if output is Format.JSON:
        print_json({"schema": "commaok.doctor/1", "checks": checks})
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("", "status", "seen", "unlocks", "how to get it"):
        table.add_column(heading, overflow="fold")
    for one in checks:
        status = f"[{_STYLES[one.status]}]{one.status}[/]"
        table.add_row(one.name, status, one.seen, one.unlocks, one.remedy)
    wide_console().print(table)
