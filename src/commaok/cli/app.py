"""The top of the command: its subcommands, and how errors end."""

import gc
import importlib
import sys
import traceback
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from commaok.errors import CommaokError

INTERRUPTED: Final = 130

# Each subcommand's module holds its `app`; only the one that is used is imported, since some
# bring libraries that take longer to load than others need to run.
_COMMANDS: Final = {
    name: f"commaok.cli.{name}"
    for name in ("config", "doctor", "explain", "lab", "lsp", "rules", "scan")
}


class _Commands(TyperGroup):
    """The subcommands, imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        # Importing makes thousands of objects and no garbage.
        gc.disable()
        command = typer.main.get_command(importlib.import_module(_COMMANDS[cmd_name]).app)
        gc.enable()
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Find, prove, reproduce and observe the loss of watch events.",
)


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
        code = _complain(_usage(error), debug=debug)
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


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "commaok"
    return f"{error.format_message().rstrip('.')}. See `{command} --help`."
