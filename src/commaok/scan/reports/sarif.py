"""SARIF 2.1.0, for code scanning (https://docs.oasis-open.org/sarif/sarif/v2.1.0/)."""

import hashlib
from collections import Counter
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import msgspec

from commaok.scan.findings import Finding, Ground, Place
from commaok.scan.reports.report import Report
from commaok.scan.version import version

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_Json = dict[str, Any]


def as_sarif(report: Report) -> str:
    """One run; fixes are replacements by byte offset."""
    order = {rule.id: number for number, rule in enumerate(report.rules)}
    met: Counter[str] = Counter()
    run = {
        "tool": {
            "driver": {
                "name": "commaok",
                "version": version(),
                "semanticVersion": version(),
                "rules": [
                    {"id": rule.id, "name": rule.name}
                    | ({"shortDescription": {"text": rule.summary}} if rule.summary else {})
                    for rule in report.rules
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "where the scan was started"}}},
        "results": [_result(found, order, met) for found in report.findings],
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {
                        "level": "note",
                        "message": {"text": notice.message},
                        "locations": [
                            {"physicalLocation": {"artifactLocation": _uri(notice.path)}}
                        ],
                    }
                    for notice in report.notices
                ],
            }
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=1).decode() + "\n"


def fingerprint(found: Finding) -> str:
    """The same for the same code in the same function, wherever its lines move."""
    parts = (found.rule, found.place.path, found.function, found.text)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _result(found: Finding, order: dict[str, int], met: Counter[str]) -> _Json:
    identity = fingerprint(found)
    met[identity] += 1
    text = "; ".join(
        [found.message, *(each.text for each in (*found.evidence, *found.consequence))]
    )
    places = [each for each in (*found.evidence, *found.consequence, *found.related) if each.at]
    result: _Json = {
        "ruleId": found.rule,
        "level": found.severity.label,
        "message": {"text": text},
        "locations": [{"physicalLocation": _physical(found.place)}],
        "partialFingerprints": {"commaok/1": f"{identity}:{met[identity]}"},
    }
    if found.rule in order:
        result["ruleIndex"] = order[found.rule]
    if places:
        result["relatedLocations"] = [_related(ground) for ground in places]
    if found.fix is not None:
        replacements = [
            {
                "deletedRegion": {"byteOffset": edit.start, "byteLength": edit.end - edit.start},
                "insertedContent": {"text": edit.text},
            }
            for edit in found.fix.edits
        ]
        change = {"artifactLocation": _uri(found.place.path), "replacements": replacements}
        description = f"{found.fix.description} ({found.fix.kind})"
        result["fixes"] = [{"description": {"text": description}, "artifactChanges": [change]}]
    return result


def _related(ground: Ground) -> _Json:
    assert ground.at is not None
    return {"physicalLocation": _physical(ground.at), "message": {"text": ground.text}}


def _physical(place: Place) -> _Json:
    return {
        "artifactLocation": _uri(place.path),
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
            "byteOffset": place.start,
            "byteLength": place.end - place.start,
        },
    }


def _uri(path: str) -> _Json:
    pure = PurePath(path)
    if pure.is_absolute():
        return {"uri": pure.as_uri()}
    return {"uri": quote(pure.as_posix()), "uriBaseId": "ROOT"}
