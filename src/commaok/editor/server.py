"""The connection to an editor: which documents are open, and when they are looked at again."""

import asyncio
import importlib.metadata
from pathlib import Path
from typing import Final

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from commaok.editor.document import Document, examine
from commaok.errors import CommaokError
from commaok.scan.settings import read_settings

TYPING_SECONDS: Final = 0.3
"""A text is looked at when nobody has typed for so long."""


class Server(LanguageServer):
    """Keeps the findings of each open document up to date."""

    def __init__(self) -> None:
        version = importlib.metadata.version("commaok")
        super().__init__("commaok", version, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.documents: dict[str, Document] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}

    def look(self, uri: str, *, after: float = 0.0) -> None:
        """Look at a document soon; a look that was still to come is replaced."""
        self.leave(uri)
        self._looking[uri] = asyncio.create_task(self._look(uri, after))

    def leave(self, uri: str) -> None:
        """Give up a look that is still to come."""
        pending = self._looking.pop(uri, None)
        if pending is not None:
            pending.cancel()

    def close(self, uri: str) -> None:
        """Forget a document; its diagnostics disappear."""
        self.leave(uri)
        self.documents.pop(uri, None)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    async def _look(self, uri: str, after: float) -> None:
        await asyncio.sleep(after)
        path = to_fs_path(uri)
        if path is None:
            return
        texts = self.workspace.text_documents
        unsaved = {
            name: text.source.encode()
            for name, text in ((to_fs_path(each), texts[each]) for each in texts)
            if name is not None
        }
        document = texts[uri]
        try:
            settings = read_settings(Path(path).parent).settings
            findings = await asyncio.to_thread(examine, path, unsaved, settings)
        except CommaokError as error:
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, str(error)))
            return
        looked = Document(
            uri, document.version, unsaved[path], findings, self.workspace.position_codec
        )
        self.documents[uri] = looked
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri, looked.diagnostics(), document.version)
        )


server = Server()


@server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
async def _opened(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    ls.look(params.text_document.uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
async def _changed(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    ls.look(params.text_document.uri, after=TYPING_SECONDS)


@server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
async def _saved(ls: Server, params: lsp.DidSaveTextDocumentParams) -> None:
    ls.look(params.text_document.uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
async def _closed(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    ls.close(params.text_document.uri)


@server.feature(lsp.TEXT_DOCUMENT_HOVER)
async def _hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    document = ls.documents.get(params.text_document.uri)
    return document.hover(params.position) if document is not None else None


@server.feature(
    lsp.TEXT_DOCUMENT_CODE_ACTION,
    lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]),
)
async def _actions(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    document = ls.documents.get(params.text_document.uri)
    return document.quick_fixes(params.range) if document is not None else []


def serve() -> None:
    """Speak over standard input and output until the editor says goodbye."""
    server.start_io()
