"""The ``commaok`` command: one thin module per subcommand; the way in is ``main``."""

from commaok.cli.app import main

__all__ = ["main"]
