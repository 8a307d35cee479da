import re
import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest

from commaok.errors import MachineError
from commaok.lab.result import VariantResult
from commaok.lab.statistics import loss_interval
from commaok.web.lab_report import loss, percent, render, seconds, steady, write
from tests.lab.made import made_result


def test_the_page_needs_nothing_but_itself() -> None:
    page = render(made_result())
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#)""", page)
    assert "@import" not in page
    assert "url(" not in page.replace("url(#", "")


def test_the_page_shows_the_figures_of_the_result_and_nothing_else() -> None:
    page = render(made_result())
    for text in ("20.5 %", "A made component", "etcd 1.2.3", "seeds</dt><dd>0, 1", "8.2 %"):
        assert text in page


def test_pictures_are_whole_svg() -> None:
    pictures = re.findall(r"<svg.*?</svg>", render(made_result()), re.DOTALL)
    assert len(pictures) == 4
    for picture in pictures:
        ET.fromstring(picture)


def test_the_same_result_gives_the_same_page() -> None:
    assert render(made_result()) == render(made_result())


def test_text_of_a_result_cannot_become_markup() -> None:
    hostile = msgspec.structs.replace(
        made_result(), title="<script>alert(1)</script>", ended="failed", reason="<img src=x>"
    )
    page = render(hostile)
    assert "<script>" not in page
    assert "<img" not in page


def test_a_variants_source_cannot_become_markup() -> None:
    result = made_result()
    first = msgspec.structs.replace(result.variants[0], source="x = '<script>alert(1)</script>'")
    page = render(msgspec.structs.replace(result, variants=(first, *result.variants[1:])))
    assert "<script>" not in page


def test_a_run_that_ended_early_says_so_first() -> None:
    partial = msgspec.structs.replace(made_result(), ended="interrupted", seeds_planned=5)
    assert "ended early" in render(partial)
    assert "2 of 5 seeds" in render(partial)


def test_a_sweep_that_never_reaches_the_claim_says_so() -> None:
    assert "was not crossed" in render(made_result())


def test_losing_nothing_in_a_small_run_does_not_confirm_the_articles_share() -> None:
    assert "it cannot confirm 0.001 %" in render(made_result())


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.2345, "23.4 %"),
        (0.00001, "0.001 %"),
        (0.0071 / 100, "0.0071 %"),
        (1, "100 %"),
    ],
)
def test_shares_read_well(share: float, text: str) -> None:
    assert percent(share) == text


def test_an_unknown_interval_is_called_unknown() -> None:
    summary = msgspec.structs.replace(
        made_result().variants[0].summary, loss=loss_interval([(1, 4)])
    )
    one = VariantResult("x", "x", "", (), summary)
    assert loss(one) == "25 % (interval unknown: one seed)"


def test_a_run_too_short_to_judge_is_unknown_not_bad_or_good() -> None:
    summary = made_result().variants[0].summary
    assert steady(summary) == "2 of 2 seeds"
    assert steady(msgspec.structs.replace(summary, steady_of=0)) == "unknown: too short a run"


def test_seconds_read_well() -> None:
    assert (seconds(None), seconds(0.0123), seconds(1.5)) == ("-", "12.3 ms", "1.50 s")


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="cannot be written"):
        write(made_result(), tmp_path / "file")
