"""Small Go modules to scan, and a rule to scan them with."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from commaok.scan import Edit, File, Finding, Fix, FixKind, Rule, rule


@rule("OK900", needs=rb"\bfrob\(")
def frobbing(file: File) -> Iterator[Finding]:
    """Every call of frob; replaced by grob, and by a changing fix where it has an argument."""
    for call in file.calls_named("frob"):
        start = call.node.start_byte
        kind = FixKind.CHANGING if call.arguments else FixKind.PRESERVING
        fix = Fix(kind, "grob it", (Edit(start, start + 4, "grob"),))
        evidence = [file.ground("frob", "it frobs", call.node)] if call.arguments else []
        consequence = [file.ground("here", "it is lost", call.node)]
        yield file.finding(
            call.node, "frob drops events", evidence=evidence, consequence=consequence, fix=fix
        )


def load(identities: Sequence[str]) -> tuple[Rule, ...]:
    return (frobbing,) if "OK900" in identities else ()


def module(folder: Path, **files: str) -> Path:
    """A module with these files; two underscores in a name are a slash."""
    (folder / "go.mod").write_text("module example.com/m\n\ngo 1.21\n")
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".go")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
