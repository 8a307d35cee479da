from pathlib import Path

import msgspec
import pytest

from commaok.errors import MachineError, UsageError
from commaok.lab import result as results
from commaok.lab.result import FILE, SweepPoint, load, save
from tests.lab.made import made_result


def test_a_saved_result_reads_back_the_same(tmp_path: Path) -> None:
    result = made_result()
    save(result, tmp_path / "new" / "folder")
    assert load(tmp_path / "new" / "folder") == result


def test_saving_leaves_no_half_written_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(made_result(), tmp_path)
    whole = (tmp_path / FILE).read_bytes()

    def full_disk(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(MachineError, match=r"No space left on device.*--out"):
        save(made_result(), tmp_path)
    assert (tmp_path / FILE).read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="file/below cannot be written"):
        save(made_result(), tmp_path / "file" / "below")


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"schema": "other/1"}', b"\xff\xfe", b'{"experiment": 3}']
)
def test_what_is_no_result_is_refused_with_a_remedy(tmp_path: Path, text: bytes) -> None:
    (tmp_path / FILE).write_bytes(text)
    with pytest.raises(UsageError, match="not a result of this version"):
        load(tmp_path)


def test_a_result_of_another_schema_is_refused(tmp_path: Path) -> None:
    raw = msgspec.json.decode(msgspec.json.encode(made_result()))
    raw["schema"] = "commaok.lab.result/999"
    (tmp_path / FILE).write_bytes(msgspec.json.encode(raw))
    with pytest.raises(UsageError, match="not a result of this version"):
        load(tmp_path)


def test_a_folder_without_a_result_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no result in"):
        load(tmp_path)


def test_the_claimed_loss_is_found_on_the_sweep_of_its_variant() -> None:
    points = [
        SweepPoint(variant, rate, loss, 0, 1, 1)
        for variant, rate, loss in (("a", 1, 0.0), ("a", 100, 0.164), ("b", 1, 0.0), ("b", 9, 0.0))
    ]
    result = msgspec.structs.replace(made_result(), sweep=tuple(points), claimed_loss_before=0.082)
    assert result.reaches_claim("a") == pytest.approx(10)
    assert result.reaches_claim("b") is None


def test_the_summary_adds_up_over_seeds() -> None:
    (variant, *_) = made_result().variants
    assert variant.summary.due == sum(trial.due for trial in variant.trials)
    assert variant.summary.recovered == len([s for t in variant.trials for s in t.recoveries])
    assert results.SCHEMA == "commaok.lab.result/1"
