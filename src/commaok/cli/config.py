"""``commaok config``: the settings in force here, and where they come from."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from commaok.cli.output import Format, print_json
from commaok.scan.settings import read_settings

app = typer.Typer(add_completion=False)


@app.command("config")
def config(
    *,
    output: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TEXT,
) -> None:
    """Print the settings in force in this folder, as TOML."""
    found = read_settings(Path.cwd())
    values = msgspec.to_builtins(found.settings)
    if output is Format.JSON:
        print_json({"schema": "commaok.config/1", "file": found.file, "scan": values})
        return
    sys.stdout.write(
        f"# {found.file or 'defaults; no commaok.toml or [tool.commaok] above here'}\n"
    )
    sys.stdout.write("[tool.commaok.scan]\n")
    for name, value in values.items():
        # These values are strings, whole numbers, booleans and lists of strings: JSON spells
        # all of them as TOML does.
        sys.stdout.write(f"{name} = {msgspec.json.encode(value).decode()}\n")
