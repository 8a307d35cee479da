"""One open document: what was found in its text, in the words of the protocol."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lsprotocol import types as lsp
from pygls.workspace import PositionCodec

from commaok import hazards
from commaok.scan.findings import Edit, Finding, Fix, FixKind, Ground, Place, Severity
from commaok.scan.scanner import Scanner
from commaok.scan.settings import Settings, chosen

_SEVERITIES: Final = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Information,
}


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its findings; ``codec`` counts characters as the editor does."""

    uri: str
    version: int | None
    data: bytes
    findings: tuple[Finding, ...]
    codec: PositionCodec

    def diagnostics(self) -> list[lsp.Diagnostic]:
        """A diagnostic for each finding, with what speaks for it as related places."""
        return [
            lsp.Diagnostic(
                range=self._range(found.place),
                severity=_SEVERITIES[found.severity],
                code=found.rule,
                source="commaok",
                message=found.message,
                related_information=list(self._related(found)) or None,
            )
            for found in self.findings
        ]

    def hover(self, position: lsp.Position) -> lsp.Hover | None:
        """What a finding at the position means, and its hazard's page."""
        for found in self._at(lsp.Range(position, position)):
            grounds = [f"* {ground.text}" for ground in (*found.evidence, *found.consequence)]
            page = next((one.page() for one in hazards.catalogue() if one.id == found.rule), "")
            said = f"**{found.rule}** {found.message}"
            text = "\n\n".join(part for part in (said, "\n".join(grounds), page) if part)
            content = lsp.MarkupContent(lsp.MarkupKind.Markdown, text)
            return lsp.Hover(content, self._range(found.place))
        return None

    def quick_fixes(self, where: lsp.Range) -> list[lsp.CodeAction]:
        """The fixes of the findings in a range; one that changes what the code does says so."""
        return [
            lsp.CodeAction(
                title=_title(found.rule, found.fix),
                kind=lsp.CodeActionKind.QuickFix,
                is_preferred=found.fix.kind is FixKind.PRESERVING,
                diagnostics=[
                    each
                    for each in self.diagnostics()
                    if each.code == found.rule and each.range == self._range(found.place)
                ],
                edit=lsp.WorkspaceEdit(
                    document_changes=[
                        lsp.TextDocumentEdit(
                            lsp.OptionalVersionedTextDocumentIdentifier(self.uri, self.version),
                            [self._text_edit(edit) for edit in found.fix.edits],
                        )
                    ]
                ),
            )
            for found in self._at(where)
            if found.fix is not None
        ]

    def _at(self, where: lsp.Range) -> Iterator[Finding]:
        for found in self.findings:
            there = self._range(found.place)
            begins_before = _order(there.start) <= _order(where.end)
            if begins_before and _order(where.start) <= _order(there.end):
                yield found

    def _related(self, found: Finding) -> Iterator[lsp.DiagnosticRelatedInformation]:
        ground: Ground
        for ground in (*found.evidence, *found.consequence, *found.related):
            if ground.at is not None and ground.at.path == found.place.path:
                place = lsp.Location(self.uri, self._range(ground.at))
                yield lsp.DiagnosticRelatedInformation(place, ground.text)

    def _text_edit(self, edit: Edit) -> lsp.TextEdit:
        start, end = self._position(edit.start), self._position(edit.end)
        return lsp.TextEdit(lsp.Range(start, end), edit.text)

    def _range(self, place: Place) -> lsp.Range:
        return lsp.Range(self._position(place.start), self._position(place.end))

    def _position(self, offset: int) -> lsp.Position:
        """Where a byte stands: findings count bytes, editors count UTF-16 units or agree."""
        line_start = self.data.rfind(b"\n", 0, offset) + 1
        before = self.data[line_start:offset].decode("utf-8", "replace")
        return lsp.Position(self.data.count(b"\n", 0, offset), self.codec.client_num_units(before))


def examine(path: str, unsaved: Mapping[str, bytes], settings: Settings) -> tuple[Finding, ...]:
    """Findings of the file at ``path``, read from ``unsaved`` where an editor holds a text."""
    identities = [
        hazard.id for hazard in hazards.catalogue() if hazard.rules and chosen(hazard.id, settings)
    ]
    rules = hazards.rules(identities)
    scanner = Scanner(rules, {}, generated=settings.generated, unsaved=unsaved)
    lowest = Severity[settings.min_severity.upper()]
    (result,) = scanner.directory([path])
    return tuple(found for found in result.findings if found.severity >= lowest)


def _title(rule: str, fix: Fix) -> str:
    changes = " (changes what the code does)" if fix.kind is FixKind.CHANGING else ""
    return f"{rule}: {fix.description}{changes}"


def _order(position: lsp.Position) -> tuple[int, int]:
    return (position.line, position.character)
