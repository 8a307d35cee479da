"""The top of the command: subcommands, ``--debug``, and how errors end."""

import typer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


def main() -> None:
    """Run the command; what a user can mend is one message and exit code 2."""
    app()
