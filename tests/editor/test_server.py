"""A real client talks to ``commaok lsp`` over standard input and output."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

import commaok.hazards.ok101_value_as_existence as hazard

BEFORE = (Path(hazard.__file__).parent / "before.go").read_text()


class Session:
    """An editor with one document."""

    def __init__(self, client: LanguageClient, uri: str) -> None:
        self.client = client
        self.document = lsp.TextDocumentIdentifier(uri)
        self.published: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

        def hear(params: lsp.PublishDiagnosticsParams) -> None:
            self.published.put_nowait(params)

        client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(hear)

    async def diagnostics(self) -> lsp.PublishDiagnosticsParams:
        return await asyncio.wait_for(self.published.get(), 30)

    def open(self, text: str) -> None:
        item = lsp.TextDocumentItem(self.document.uri, lsp.LanguageKind.Go, 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def change(self, text: str, version: int) -> None:
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(version, self.document.uri),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )


@asynccontextmanager
async def session(folder: Path) -> AsyncIterator[Session]:
    file = folder / "registry.go"
    file.write_text("package registry\n")
    (folder / "go.mod").write_text("module example\n\ngo 1.21\n")
    (folder / "commaok.toml").write_text('[tool.commaok.scan]\nmin-severity = "note"\n')
    client = LanguageClient("test", "0")
    talk = Session(client, file.as_uri())
    await client.start_io(sys.executable, "-m", "commaok", "lsp")
    await client.initialize_async(
        lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=folder.as_uri())
    )
    client.initialized(lsp.InitializedParams())
    try:
        yield talk
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call]


async def test_opening_a_document_shows_what_is_found_in_its_unsaved_text(tmp_path: Path) -> None:
    async with session(tmp_path) as talk:
        talk.open(BEFORE)
        published = await talk.diagnostics()
        wanted = [n for n, line in enumerate(BEFORE.splitlines()) if "// want OK101" in line]
        found = {one.range.start.line for one in published.diagnostics if one.code == "OK101"}
        assert found
        assert found <= set(wanted)


async def test_mending_the_text_takes_the_diagnostics_away(tmp_path: Path) -> None:
    async with session(tmp_path) as talk:
        talk.open(BEFORE)
        assert (await talk.diagnostics()).diagnostics
        talk.change("package registry\n", 2)
        published = await talk.diagnostics()
        assert (published.version, len(published.diagnostics)) == (2, 0)


async def test_half_a_document_is_no_reason_to_fall_over(tmp_path: Path) -> None:
    async with session(tmp_path) as talk:
        talk.open(BEFORE[: len(BEFORE) // 2] + '\nfunc broken( { if x["')
        await talk.diagnostics()
        talk.change(BEFORE, 2)
        assert (await talk.diagnostics()).diagnostics


async def test_hovering_over_a_finding_shows_the_hazards_page(tmp_path: Path) -> None:
    async with session(tmp_path) as talk:
        talk.open(BEFORE)
        first = (await talk.diagnostics()).diagnostics[0]
        hover = await talk.client.text_document_hover_async(
            lsp.HoverParams(talk.document, first.range.start)
        )
        assert hover is not None
        assert isinstance(hover.contents, lsp.MarkupContent)
        assert "OK101" in hover.contents.value
        nowhere = lsp.HoverParams(talk.document, lsp.Position(0, 0))
        assert await talk.client.text_document_hover_async(nowhere) is None


async def test_a_quick_fix_applied_leaves_nothing_to_find(tmp_path: Path) -> None:
    async with session(tmp_path) as talk:
        text = BEFORE
        talk.open(text)
        for version in range(2, 40):
            found = (await talk.diagnostics()).diagnostics
            if not found:
                return
            actions = await talk.client.text_document_code_action_async(
                lsp.CodeActionParams(talk.document, found[0].range, lsp.CodeActionContext(found))
            )
            assert actions, found[0].message
            text = _applied(text, actions[0])
            talk.change(text, version)
    pytest.fail("the fixes never came to an end")


async def test_characters_outside_the_basic_plane_count_as_the_editor_counts(
    tmp_path: Path,
) -> None:
    async with session(tmp_path) as talk:
        talk.open(BEFORE)
        plain = (await talk.diagnostics()).diagnostics[0].range.start
        lines = BEFORE.splitlines(keepends=True)
        line = lines[plain.line]
        lines[plain.line] = line[: plain.character] + "/* 😀 */" + line[plain.character :]
        talk.change("".join(lines), 2)
        shifted = (await talk.diagnostics()).diagnostics[0].range.start
        assert shifted.line == plain.line
        assert shifted.character - plain.character in {0, len("/* 😀 */".encode("utf-16-le")) // 2}


async def test_closing_a_document_takes_its_diagnostics_away(tmp_path: Path) -> None:
    async with session(tmp_path) as talk:
        talk.open(BEFORE)
        assert (await talk.diagnostics()).diagnostics
        talk.client.text_document_did_close(lsp.DidCloseTextDocumentParams(talk.document))
        assert not (await talk.diagnostics()).diagnostics


def _applied(text: str, action: lsp.CodeAction | lsp.Command) -> str:
    assert isinstance(action, lsp.CodeAction)
    assert action.edit is not None
    assert action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, lsp.TextDocumentEdit)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for edit in sorted(change.edits, key=lambda one: -starts[one.range.start.line]):
        assert isinstance(edit, lsp.TextEdit)
        start = starts[edit.range.start.line] + edit.range.start.character
        end = starts[edit.range.end.line] + edit.range.end.character
        text = text[:start] + edit.new_text + text[end:]
    return text
