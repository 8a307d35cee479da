"""The top of the command: its subcommands, and how errors end."""

import sys
import traceback
from typing import Annotated, NoReturn

import typer

from commaok.cli import doctor, lab
from commaok.errors import CommaokError

INTERRUPTED = 130

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Find, prove, reproduce and observe the loss of watch events.",
)
app.add_typer(lab.app, name="lab")
app.command("doctor")(doctor.doctor)


@app.callback()
def _options(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    del debug  # read by main, which also sees it when the command line does not parse


def main() -> NoReturn:
    """Run the command; whatever a user can mend ends as one message and exit code 2."""
    debug = "--debug" in sys.argv[1:]
    try:
        code = app(standalone_mode=False) or 0
    except CommaokError as error:
        code = _complain(str(error), debug=debug)
    except typer.TyperException as error:
        code = _complain(f"{error.format_message()} See `commaok --help`.", debug=debug)
    except (typer.Abort, KeyboardInterrupt):
        code = _complain("interrupted.", debug=debug, code=INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the last line before the user
        code = _complain(
            f"a mistake of ours: {type(error).__name__}: {error}. "
            "Run again with --debug and report what it shows.",
            debug=debug,
        )
    sys.exit(code)


def _complain(message: str, *, debug: bool, code: int = 2) -> int:
    if debug:
        traceback.print_exc()
    print(f"commaok: {message}", file=sys.stderr)  # noqa: T201
    return code
