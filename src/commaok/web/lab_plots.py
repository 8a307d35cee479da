"""The pictures of the lab report, as SVG text."""

import io
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from commaok.lab.result import Result
from commaok.lab.trial import SAMPLE_SECONDS

COLOURS: Final = ("#c2410c", "#b08900", "#0f766e", "#6d28d9", "#475569")
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e7e5e4",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


def loss_over_time(result: Result) -> str:
    """The share of events lost, by when they were committed; all seeds together."""
    with mpl.rc_context(_STYLE):
        figure, axes = _figure()
        for colour, variant in zip(COLOURS, result.variants, strict=False):
            dues = np.sum([trial.dues for trial in variant.trials], axis=0)
            losses = np.sum([trial.losses for trial in variant.trials], axis=0)
            slot = variant.trials[0].slot_seconds
            share = np.divide(losses, dues, out=np.zeros(len(dues)), where=dues > 0)
            at = (np.arange(len(dues)) + 0.5) * slot
            axes.plot(at, share, color=colour, label=variant.title, linewidth=2)
        quiet = result.parameters.seconds - result.parameters.quiet_seconds
        axes.axvline(quiet, color="#a8a29e", linewidth=1, linestyle=":")
        axes.annotate(
            "last fault",
            (quiet, 1.0),
            (4, 0),
            textcoords="offset points",
            color="#78716c",
            va="top",
        )
        axes.set(
            xlabel="seconds since the writer started", ylabel="events lost", ylim=(-0.02, 1.02)
        )
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        _legend(axes)
        return _svg(figure)


def watchers_running(result: Result) -> str:
    """Watchers running over time, one panel a variant, one line a seed."""
    plan = result.parameters
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, 2.6), layout="constrained")
        panels = figure.subplots(1, len(result.variants), sharey=True, squeeze=False)[0]
        for colour, variant, axes in zip(COLOURS, result.variants, panels, strict=False):
            axes.axhspan(
                plan.expected_share * plan.watchers, plan.watchers, color="#d6d3d1", alpha=0.5
            )
            for trial in variant.trials:
                at = np.arange(len(trial.running)) * SAMPLE_SECONDS
                axes.plot(at, trial.running, color=colour, linewidth=1, alpha=0.75)
            axes.set_title(variant.title, fontsize=10, loc="left")
            axes.set(xlabel="seconds", ylim=(-4, plan.watchers * 1.04))
        panels[0].set_ylabel("watchers running")
        return _svg(figure)


def recoveries(result: Result) -> str:
    """How long watchers that came back by themselves took, as a share of all episodes."""
    with mpl.rc_context(_STYLE):
        figure, axes = _figure()
        for colour, variant in zip(COLOURS, result.variants, strict=False):
            seconds = sorted(one for trial in variant.trials for one in trial.since_possible)
            total = len(seconds) + variant.summary.restarted + variant.summary.never
            if not total:
                continue
            shares = np.arange(1, len(seconds) + 1) / total
            label = f"{variant.title}: {len(seconds):,} of {total:,} by themselves"
            axes.step(
                [0.0005, *np.maximum(seconds, 0.0005), 10],
                [0, *shares, len(seconds) / total],
                where="post",
                color=colour,
                linewidth=2,
                label=label,
            )
        axes.set(
            xscale="log",
            xlim=(0.0008, 8),
            ylim=(-0.02, 1.02),
            xlabel="seconds from when a connection was possible again",
            ylabel="episodes recovered",
        )
        axes.set_xticks([0.001, 0.01, 0.1, 1], ["1 ms", "10 ms", "0.1 s", "1 s"])
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.legend(loc="upper left", fontsize=9)
        return _svg(figure)


def sweep(result: Result) -> str:
    """Loss against the fault rate, with the claimed loss as a line and where it is reached."""
    with mpl.rc_context(_STYLE):
        figure, axes = _figure()
        for colour, variant in zip(COLOURS, result.variants, strict=False):
            points = [one for one in result.sweep if one.variant == variant.name]
            rates = [one.fault_rate for one in points]
            axes.plot(
                rates,
                [one.loss for one in points],
                color=colour,
                marker="o",
                linewidth=2,
                label=variant.title,
            )
            reached = result.reaches_claim(variant.name)
            if reached is not None and result.claimed_loss_before is not None:
                _mark(axes, reached, result.claimed_loss_before, colour)
        if result.claimed_loss_before is not None:
            axes.axhline(result.claimed_loss_before, color="#78716c", linestyle="--", linewidth=1)
            axes.annotate(
                f"the article's {result.claimed_loss_before:.1%}",
                (0, result.claimed_loss_before),
                (6, 4),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                color="#57534e",
            )
        rates = sorted({one.fault_rate for one in result.sweep})
        axes.set_xscale("log")
        axes.set_xticks(rates, [f"{rate:g}" for rate in rates])
        axes.minorticks_off()
        axes.set(xlabel="faults a second", ylabel="events lost", ylim=(-0.08, 1.02))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        _legend(axes)
        return _svg(figure)


def _mark(axes: Axes, rate: float, loss: float, colour: str) -> None:
    axes.plot([rate], [loss], marker="D", markersize=8, color=colour, markeredgecolor="white")
    axes.annotate(
        f"{rate:.2g} a second",
        (rate, loss),
        (8, -13),
        textcoords="offset points",
        color=colour,
    )


def _figure() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(8.4, 3.0), layout="constrained")
    return figure, figure.subplots()


def _legend(axes: Axes) -> None:
    axes.legend(loc="upper left", bbox_to_anchor=(0, 1.16), ncols=3, borderaxespad=0, fontsize=9)


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    # No date and fixed ids: the same result gives the same page.
    with mpl.rc_context({"svg.hashsalt": "commaok"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :]
