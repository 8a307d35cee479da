"""What a hazard is, and which there are.

Listing hazards loads neither rules nor experiments: a scan never pays for the lab, nor the lab
for the scan.
"""

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from commaok.errors import MachineError

if TYPE_CHECKING:
    from commaok.lab.experiment import Experiment
    from commaok.scan import Rule

GROUP = "commaok.hazards"


@dataclass(frozen=True, slots=True)
class Hazard:
    """A class of mistake.

    ``experiment`` makes the one that reproduces its harm, if it has one. ``rules`` names the
    module whose ``Rule`` values find it in source, if it has any; its folder holds the pages.
    """

    id: str
    name: str
    experiment: "Callable[[], Experiment] | None" = None
    rules: str = ""

    def folder(self) -> Path | None:
        """Where its page and its examples lie; None inside a zip file."""
        package = self.rules.rpartition(".")[0]
        spec = importlib.util.find_spec(package) if package else None
        return Path(spec.origin).parent if spec is not None and spec.origin else None

    def page(self) -> str:
        """Its ``hazard.md``, or an empty string."""
        folder = self.folder()
        page = folder / "hazard.md" if folder is not None else None
        return page.read_text("utf-8") if page is not None and page.is_file() else ""


@cache
def catalogue() -> tuple[Hazard, ...]:
    """Every registered hazard, by id; raises MachineError where one cannot be loaded."""
    found: dict[str, Hazard] = {}
    for entry in importlib.metadata.entry_points(group=GROUP):
        try:
            hazard = entry.load()
        except Exception as error:
            raise _broken(entry, f"cannot be loaded: {error}.") from error
        if not isinstance(hazard, Hazard) or hazard.id in found:
            raise _broken(entry, "is no Hazard, or its id is taken.")
        found[hazard.id] = hazard
    return tuple(found[identity] for identity in sorted(found))


def experiments() -> "dict[str, Experiment]":
    """The experiments of the catalogue, by name."""
    made = [hazard.experiment() for hazard in catalogue() if hazard.experiment is not None]
    return {experiment.name: experiment for experiment in made}


def rules(identities: Sequence[str] | None = None) -> "tuple[Rule, ...]":
    """The rules of the catalogue, or of these hazards; only their modules are imported."""
    from commaok.scan import Rule  # noqa: PLC0415 - listing hazards must not load the scanner

    return tuple(
        value
        for hazard in catalogue()
        if hazard.rules and (identities is None or hazard.id in identities)
        for value in vars(importlib.import_module(hazard.rules)).values()
        if isinstance(value, Rule) and value.id == hazard.id
    )


def _broken(entry: importlib.metadata.EntryPoint, what: str) -> MachineError:
    source = entry.dist.name if entry.dist is not None else "an unknown package"
    return MachineError(f"Hazard {entry.name} of {source} {what}", f"Mend or uninstall {source}.")
