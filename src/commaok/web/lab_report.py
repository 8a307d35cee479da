"""The lab report: one self-contained HTML file, made from a ``Result`` and nothing else."""

from pathlib import Path
from typing import Final

import jinja2
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from commaok.audit.trend import PATIENCE_SECONDS
from commaok.lab.result import Result, Summary, VariantResult, unwritable
from commaok.web import lab_plots

FILE: Final = "report.html"

_FORMATTER: Final = HtmlFormatter[str](style="friendly", nowrap=False)


def write(result: Result, directory: Path) -> Path:
    """Write ``report.html`` whole or not at all; raises MachineError."""
    path = directory / FILE
    part = path.with_suffix(".html.part")
    page = render(result)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        part.write_text(page, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise unwritable(directory, error) from error
    return path


def render(result: Result) -> str:
    """The page as text. Whatever the result holds is escaped; pictures and code are ours."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("commaok.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "seconds": seconds, "loss": loss, "steady": steady}
    pictures = {
        "loss_over_time": lab_plots.loss_over_time(result),
        "watchers_running": lab_plots.watchers_running(result),
        "recoveries": lab_plots.recoveries(result),
        "sweep": lab_plots.sweep(result),
    }
    return environment.get_template("lab_report.html").render(
        result=result,
        before=result.variants[0],
        after=result.variants[-1],
        pictures=pictures,
        sources=[highlight(one.source, PythonLexer(), _FORMATTER) for one in result.variants],
        code_style=_code_style(),
        patience=PATIENCE_SECONDS,
        reached={one.name: result.reaches_claim(one.name) for one in result.variants},
        faults=sorted({kind for one in result.variants for kind in one.summary.faults}),
    )


def _code_style() -> str:
    style = _FORMATTER.get_style_defs(".highlight")  # type: ignore[no-untyped-call]
    return str(style)


def percent(share: float | None) -> str:
    """A share as a percentage with as many digits as it has something to say."""
    if share is None:
        return "unknown"
    digits = 1 if share >= 0.01 else 3 if share >= 0.0001 else 4
    number = f"{100 * share:.{digits}f}".rstrip("0").rstrip(".")
    return f"{number} %"


def seconds(value: float | None) -> str:
    """Seconds or milliseconds; a dash where there is nothing."""
    if value is None:
        return "-"
    return f"{value:.2f} s" if value >= 0.1 else f"{value * 1000:.1f} ms"


def steady(summary: Summary) -> str:
    """In how many seeds the watchers were running as expected."""
    if not summary.steady_of:
        return "unknown: too short a run"
    return f"{summary.steady} of {summary.steady_of} seeds"


def loss(variant: VariantResult) -> str:
    """A variant's loss with its interval."""
    interval = variant.summary.loss
    if interval.low is None or interval.high is None:
        return f"{percent(interval.estimate)} (interval unknown: one seed)"
    return f"{percent(interval.estimate)} ({percent(interval.low)} to {percent(interval.high)})"
