"""Which files are looked at."""

from pathlib import Path

from commaok.golang.files import Unreachable, go_files


def test_files_are_listed_once_and_in_order(tmp_path: Path) -> None:
    for name in (
        "b/x.go",
        "a.go",
        "b/x_test.go",
        "vendor/v.go",
        ".git/g.go",
        "b/_old.go",
        "b/t.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("package p\n")
    (tmp_path / "b" / "again").symlink_to(tmp_path)
    listed = list(go_files([tmp_path, tmp_path / "b", tmp_path / "a.go"]))
    assert listed == [str(tmp_path / name) for name in ("a.go", "b/x.go", "b/x_test.go")]
    assert list(go_files([tmp_path / "vendor"])) == [str(tmp_path / "vendor" / "v.go")]


def test_what_cannot_be_reached_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.go").write_text("package p\n")
    found = list(go_files([tmp_path / "absent", tmp_path]))
    assert found == [
        Unreachable(str(tmp_path / "absent"), "there is no such file"),
        str(tmp_path / "a.go"),
    ]
