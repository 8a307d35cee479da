"""Import paths lead to the directories that the go command would take."""

from pathlib import Path

from commaok.golang.gomod import ModuleVersion, Replacement, parse_gomod, version_key
from commaok.golang.modules import Missing, Toolchain, workspace_at


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_go_mod_is_read() -> None:
    found = parse_gomod(
        'module "example.com/m" // comment\n\ngo 1.21.3\n\nrequire a.b/c v1.2.3 // indirect\n'
        "require (\n\td.e/f v0.1.0\n\t// no\n)\nreplace (\n\ta.b/c => ../c\n"
        "\td.e/f v0.1.0 => g.h/i v2.0.0\n)\nexclude x.y/z v1.0.0\n"
    )
    assert found.module == "example.com/m"
    assert found.go_minor == 21
    assert found.requires == (ModuleVersion("a.b/c", "v1.2.3"), ModuleVersion("d.e/f", "v0.1.0"))
    assert found.replacement("a.b/c", "v9.9.9") == Replacement("../c", "")
    assert found.replacement("d.e/f", "v0.1.0") == Replacement("g.h/i", "v2.0.0")
    assert found.replacement("d.e/f", "v0.2.0") is None


def test_versions_are_ordered_as_semver_orders_them() -> None:
    ordered = ["v0.9.0", "v1.0.0-alpha.1", "v1.0.0-alpha.2", "v1.0.0-rc.1", "v1.0.0", "v1.10.0"]
    assert sorted(set(ordered), key=version_key) == ordered


def test_imports_resolve_in_the_module_vendor_replacements_and_the_cache(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "m/go.mod": "module example.com/m\ngo 1.20\nrequire (\n\tex.org/Cased v1.0.0\n"
            "\tex.org/local v1.0.0\n)\nreplace ex.org/local => ../local\n",
            "m/inner/a.go": "package inner\n",
            "m/vendor/ex.org/vendored/a.go": "package vendored\n",
            "local/sub/a.go": "package sub\n",
            "mod/ex.org/!cased@v1.0.0/pkg/a.go": "package pkg\n",
            "goroot/src/fmt/a.go": "package fmt\n",
            "goroot/src/builtin/a.go": "package builtin\n",
        },
    )
    toolchain = Toolchain(str(tmp_path / "goroot"), str(tmp_path / "mod"), "")
    workspace = workspace_at(str(tmp_path / "m" / "inner"), toolchain)
    assert workspace.locate("example.com/m/inner") == str(tmp_path / "m/inner")
    assert workspace.locate("ex.org/vendored") == str(tmp_path / "m/vendor/ex.org/vendored")
    assert workspace.locate("ex.org/local/sub") == str(tmp_path / "local/sub")
    assert workspace.locate("ex.org/Cased/pkg") == str(tmp_path / "mod/ex.org/!cased@v1.0.0/pkg")
    assert workspace.locate("fmt") == str(tmp_path / "goroot/src/fmt")
    assert workspace.locate("ex.org/absent") is Missing.DEPENDENCY
    assert workspace.locate("absent") is Missing.STANDARD_LIBRARY
    assert workspace.locate("C") is Missing.CGO
    assert workspace.locate("../up") is Missing.INVALID
    assert workspace.import_path(str(tmp_path / "m/vendor/ex.org/vendored")) == "ex.org/vendored"


def test_the_highest_version_that_anybody_requires_is_taken(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "m/go.mod": "module example.com/m\ngo 1.15\n"
            "require (\n\tex.org/a v1.0.0\n\tex.org/b v1.0.0\n)\n",
            "m/a.go": "package m\n",
            "mod/cache/download/ex.org/a/@v/v1.0.0.mod": "module ex.org/a\n"
            "require ex.org/b v1.3.0\n",
            "mod/cache/download/ex.org/b/@v/v1.3.0.mod": "module ex.org/b\n",
            "mod/ex.org/b@v1.0.0/b.go": "package b\n",
            "mod/ex.org/b@v1.3.0/b.go": "package b\n",
        },
    )
    workspace = workspace_at(str(tmp_path / "m"), Toolchain("", str(tmp_path / "mod"), ""))
    assert workspace.locate("ex.org/b") == str(tmp_path / "mod/ex.org/b@v1.3.0")


def test_a_go_work_joins_modules(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "go.work": "go 1.21\nuse (\n\t./a\n\t./b\n)\n",
            "a/go.mod": "module ex.org/a\n",
            "a/a.go": "package a\n",
            "b/go.mod": "module ex.org/b\n",
            "b/sub/b.go": "package b\n",
        },
    )
    workspace = workspace_at(str(tmp_path / "a"), Toolchain())
    assert workspace.locate("ex.org/b/sub") == str(tmp_path / "b/sub")
    assert workspace.import_path(str(tmp_path / "b/sub")) == "ex.org/b/sub"
