"""OK101 on a real etcd: what a WatchManager loses that judges existence by value."""

import inspect

from commaok.audit.history import Subject
from commaok.hazards.ok101_value_as_existence import variants
from commaok.hazards.ok101_value_as_existence.manager import WatchManager
from commaok.lab.experiment import Experiment, Variant


def _variant(name: str, title: str, manager: type[WatchManager]) -> Variant:
    return Variant(Subject(name), title, inspect.getsource(manager), manager)


WATCH_MANAGER = Experiment(
    name="watch-manager",
    hazard="OK101",
    title="A WatchManager that judges existence by value",
    question=(
        "Connections and consumers fail. Does a manager of shared watch streams lose events, and "
        "does it heal by itself?"
    ),
    variants=(
        _variant("before", "before the fix", variants.BeforeTheFix),
        _variant("comma-ok", "comma-ok", variants.CommaOk),
        _variant("comma-ok+resume", "comma-ok + resume", variants.CommaOkAndResume),
    ),
    claimed_loss_before=0.082,
    claimed_loss_after=0.00001,
)
