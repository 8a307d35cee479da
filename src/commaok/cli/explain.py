"""``commaok explain OK101``: what a hazard is, why it loses events, how to mend it."""

import sys
from typing import Annotated

import typer

from commaok import hazards
from commaok.errors import UsageError

app = typer.Typer(add_completion=False)


@app.command("explain")
def explain(hazard: Annotated[str, typer.Argument(help="Its id or name: OK101")]) -> None:
    """Print a hazard's page."""
    wanted = hazard.lower()
    for each in hazards.catalogue():
        if wanted in (each.id.lower(), each.name) and (page := each.page()):
            if sys.stdout.isatty():
                from rich.console import Console  # noqa: PLC0415 - slow, and for terminals only
                from rich.markdown import Markdown  # noqa: PLC0415

                Console().print(Markdown(page))
            else:
                sys.stdout.write(page)
            return
    raise UsageError(f"There is no page on {hazard}.", "`commaok rules` lists the hazards.")
