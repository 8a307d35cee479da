"""``commaok rules``: the hazards of the catalogue, ours and third parties'."""

import sys
from typing import Annotated

import typer

from commaok import hazards
from commaok.cli.output import Format, print_json

app = typer.Typer(add_completion=False)


@app.command("rules")
def rules(
    *,
    output: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TEXT,
) -> None:
    """List the hazards, and what each has: a rule for scan, an experiment for lab."""
    listed = [
        {
            "id": hazard.id,
            "name": hazard.name,
            "scan": bool(hazard.rules),
            "lab": hazard.experiment is not None,
        }
        for hazard in hazards.catalogue()
    ]
    if output is Format.JSON:
        print_json({"schema": "commaok.rules/1", "rules": listed})
        return
    for each in listed:
        has = ", ".join(word for word in ("scan", "lab") if each[word])
        sys.stdout.write(f"{each['id']}  {each['name']:28} {has}\n")
