"""``commaok lab``: run an experiment, make its report again, list what there is."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from commaok import hazards
from commaok.cli.output import Format, print_json, wide_console
from commaok.errors import UsageError
from commaok.lab.etcd import find_etcd
from commaok.lab.result import Result, Summary, load, save, unwritable
from commaok.lab.run import Interrupted, run
from commaok.lab.run import Progress as Told
from commaok.lab.trial import Plan
from commaok.lab.workload import Workload
from commaok.web import lab_report
from commaok.web.lab_report import loss, seconds, steady

app = typer.Typer(no_args_is_help=True, help="Reproduce the loss on a real server, and measure it.")

EXIT_CODES = {"complete": 0, "interrupted": 130, "failed": 2}
_DEFAULT = Plan()
_SWEEP = "0.5,1,3,8"


@app.command("run")
def run_experiment(
    experiment: Annotated[str, typer.Argument(help="Its name; see `commaok lab list`.")],
    *,
    seed: Annotated[int, typer.Option(help="The first seed; it decides writes and faults.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="How many seeds.")] = 5,
    duration: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds of writing per seed.")
    ] = _DEFAULT.seconds,
    fault_rate: Annotated[
        float, typer.Option(min=0, max=1000, help="Faults a second.")
    ] = _DEFAULT.fault_rate,
    sweep: Annotated[
        str,
        typer.Option(help="Further fault rates, one shorter trial each, or `none`."),
    ] = _SWEEP,
    watchers: Annotated[int, typer.Option(min=1, max=5000)] = _DEFAULT.watchers,
    streams: Annotated[
        int, typer.Option(min=1, max=200, help="Shared watch streams per variant.")
    ] = _DEFAULT.streams,
    keys: Annotated[int, typer.Option(min=1, max=10_000_000)] = _DEFAULT.workload.keys,
    prefixes: Annotated[int, typer.Option(min=1, max=9999)] = _DEFAULT.workload.prefixes,
    write_rate: Annotated[
        float, typer.Option(min=1, max=100_000, help="Revisions a second.")
    ] = _DEFAULT.workload.rate,
    value_bytes: Annotated[
        int, typer.Option(min=16, max=1_000_000, help="Size of a value.")
    ] = _DEFAULT.workload.value_bytes,
    operator_after: Annotated[
        float,
        typer.Option(min=0.5, help="Seconds below the expected range until a restart by hand."),
    ] = _DEFAULT.operator_seconds,
    etcd: Annotated[
        Path | None, typer.Option(help="The etcd to use, before COMMAOK_ETCD and PATH.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for report.html and result.json.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TEXT,
) -> int:
    """Run an experiment: every variant, before and after the fix, under the same faults.

    Exit code 0: the fixed variant lost, repeated and reordered nothing; 1: it did.
    """
    chosen = hazards.experiments().get(experiment)
    if chosen is None:
        known = ", ".join(sorted(hazards.experiments()))
        raise UsageError(f"There is no experiment {experiment!r}.", f"There is: {known}.")
    if duration <= _DEFAULT.quiet_seconds:
        raise UsageError(
            f"--duration {duration:g} leaves no time for faults: nothing breaks in the last "
            f"{_DEFAULT.quiet_seconds:g} s.",
            f"Give more than {_DEFAULT.quiet_seconds:g} seconds.",
        )
    plan = Plan(
        watchers=watchers,
        streams=streams,
        seconds=duration,
        fault_rate=fault_rate,
        workload=Workload(keys=keys, prefixes=prefixes, rate=write_rate, value_bytes=value_bytes),
        operator_seconds=operator_after,
    )
    rates = _rates(sweep, plan)
    directory = out if out is not None else Path("commaok-lab") / chosen.name
    _check_writable(directory)
    binary = find_etcd(etcd)
    console = Console(stderr=True, highlight=False)
    console.print(f"etcd {binary.version} from {binary.source}: {binary.path}", soft_wrap=True)
    with _progress(console) as told:
        try:
            result = asyncio.run(
                run(
                    chosen,
                    plan,
                    binary,
                    seeds=range(seed, seed + seeds),
                    sweep=rates,
                    progress=told,
                )
            )
        except Interrupted:
            console.print("commaok: interrupted before the first seed was finished.")
            return EXIT_CODES["interrupted"]
    save(result, directory)
    report = lab_report.write(result, directory)
    _show(result, output)
    console.print(f"report: {report}", soft_wrap=True)
    if result.ended != "complete":
        console.print(
            f"commaok: the run ended early: {result.reason} "
            f"{len(result.seeds)} of {result.seeds_planned} seeds are kept.",
            soft_wrap=True,
        )
        return EXIT_CODES[result.ended]
    after = result.variants[-1].summary
    return int(after.lost + after.duplicated + after.out_of_order + after.not_genuine > 0)


@app.command("report")
def report_again(
    directory: Annotated[Path, typer.Argument(help="A folder that `lab run --out` wrote.")],
) -> None:
    """Make report.html again from result.json."""
    Console(highlight=False).print(lab_report.write(load(directory), directory), soft_wrap=True)


@app.command("list")
def list_experiments(
    *,
    output: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TEXT,
) -> None:
    """List the experiments."""
    found = sorted(hazards.experiments().values(), key=lambda one: one.name)
    if output is Format.JSON:
        listed = [
            {
                "name": one.name,
                "hazard": one.hazard,
                "title": one.title,
                "question": one.question,
                "variants": [variant.title for variant in one.variants],
            }
            for one in found
        ]
        print_json({"schema": "commaok.lab.list/1", "experiments": listed})
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("experiment", "hazard", "what", "variants"):
        table.add_column(heading)
    for one in found:
        variants = ", ".join(variant.title for variant in one.variants)
        table.add_row(one.name, one.hazard, one.title, variants)
    wide_console().print(table)


def _rates(sweep: str, plan: Plan) -> list[float]:
    if sweep.strip().lower() == "none":
        return []
    try:
        rates = sorted({float(rate) for rate in sweep.split(",")} - {plan.fault_rate})
    except ValueError:
        rates = [-1.0]
    if not all(0 < rate <= 1000 for rate in rates):
        raise UsageError(
            f"--sweep {sweep!r} is no list of fault rates.",
            "Give numbers above 0, like --sweep 1,4,16, or none.",
        )
    return rates


def _check_writable(directory: Path) -> None:
    """Fail now rather than after the run."""
    probe = directory / ".commaok-write-probe"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise unwritable(directory, error) from error


@contextlib.contextmanager
def _progress(console: Console) -> Iterator[Told]:
    """A bar on a terminal, nothing in a pipe."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        bar = shown.add_task("starting etcd", total=1.0)

        def told(doing: str, share: float) -> None:
            shown.update(bar, description=doing, completed=share)

        yield told
        shown.update(bar, description="done", completed=1.0)


def _show(result: Result, output: Format) -> None:
    if output is Format.JSON:
        print_json(result)
        return
    table = Table(title=result.title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for variant in result.variants:
        table.add_column(variant.title, overflow="fold")
    rows: list[tuple[str, Callable[[Summary], str]]] = [
        ("events due", lambda one: f"{one.due:,}"),
        ("lost", lambda one: f"{one.lost:,}"),
        ("duplicated", lambda one: f"{one.duplicated:,}"),
        ("out of order", lambda one: f"{one.out_of_order:,}"),
        ("faults", lambda one: f"{sum(one.faults.values()):,}"),
        ("recovered by itself", lambda one: f"{one.recovered:,}"),
        (
            "  since possible: p50, p99, max",
            lambda one: ", ".join(
                seconds(value)
                for value in (
                    one.since_possible.p50,
                    one.since_possible.p99,
                    one.since_possible.max,
                )
            ),
        ),
        ("recovered by a restart", lambda one: f"{one.restarted:,}"),
        ("never recovered", lambda one: f"{one.never:,}"),
        ("restarts by hand", lambda one: f"{one.restarts:,}"),
        ("watchers running as expected", steady),
    ]
    table.add_row("loss rate (95 %)", *(loss(variant) for variant in result.variants))
    for label, cell in rows:
        table.add_row(label, *(cell(variant.summary) for variant in result.variants))
    console = wide_console()
    console.print(table)
    if result.claimed_loss_before is not None and result.sweep:
        before = result.variants[0]
        reached = result.reaches_claim(before.name)
        where = (
            f"is reached at about {reached:.2g} faults a second"
            if reached is not None
            else "was not crossed within the sweep"
        )
        console.print(
            f"The article's {result.claimed_loss_before:.1%} {where} ({before.title}).",
            soft_wrap=True,
        )
