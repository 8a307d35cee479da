"""``commaok lsp``: findings in the editor, over standard input and output."""

import importlib.util

import typer

from commaok.errors import MachineError

app = typer.Typer(add_completion=False)


@app.command("lsp")
def lsp() -> None:
    """Serve findings to an editor over the language server protocol."""
    if importlib.util.find_spec("pygls") is None:
        raise MachineError(
            "The language server needs the Python package pygls.",
            "Run `pip install 'commaok[lsp]'`.",
        )
    from commaok.editor.server import serve  # noqa: PLC0415 - an extra

    serve()
