"""How a scan is to be done: the command line, then the nearest file, then defaults."""

import enum
import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from commaok.errors import UsageError

FILES: Final = ("commaok.toml", "pyproject.toml")


class Level(enum.StrEnum):
    """Severities as options spell them."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Settings(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """The table ``[tool.commaok.scan]``."""

    select: tuple[str, ...] = ()
    """Hazards to look for, whole (``OK101``) or by prefix (``OK1``); all when empty."""
    ignore: tuple[str, ...] = ()
    """Hazards to leave out, in the same way."""
    min_severity: Level = Level.WARNING
    exclude: tuple[str, ...] = ()
    """Glob patterns of paths to leave out, relative to the file that names them."""
    generated: bool = False
    """Whether generated files are looked at; they are never edited."""
    baseline: str = ""
    """A file of findings that are known and not shown."""
    processes: int = 0
    """How many processes scan; 0 for one a core, at most two."""
    cache: bool = True


class Found(msgspec.Struct, frozen=True):
    """Settings, and the file that they were read from, if any."""

    settings: Settings
    file: str = ""


def read_settings(start: Path) -> Found:
    """The settings in force in a folder: those of the nearest file at or above it."""
    folder = start.resolve()
    for above in (folder, *folder.parents):
        for name in FILES:
            table = _table(above / name)
            if table is not None:
                try:
                    return Found(msgspec.convert(table, Settings), str(above / name))
                except msgspec.ValidationError as error:
                    raise UsageError(
                        f"{above / name}, [tool.commaok.scan]: {error}.",
                        "`commaok config` lists the settings.",
                    ) from error
    return Found(Settings())


def chosen(identity: str, settings: Settings) -> bool:
    """Whether a hazard is looked for."""
    selected = not settings.select or identity.startswith(settings.select)
    return selected and not (settings.ignore and identity.startswith(settings.ignore))


def _table(path: Path) -> dict[str, Any] | None:
    try:
        text = path.read_text("utf-8")
    except OSError:
        return None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is no TOML: {error}.", "Mend it.") from error
    table = content.get("tool", {}).get("commaok")
    return table.get("scan", {}) if isinstance(table, dict) else None
