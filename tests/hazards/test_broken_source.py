"""A rule meets half-written files in every editor: it must step over what is not Go."""

import random
from pathlib import Path

import pytest

from commaok.golang import Program
from commaok.hazards import catalogue, rules
from commaok.scan.codebase import Codebase

TOKENS = (b"{", b"}", b"(", b")", b"[", b"]", b"<-", b'"', b".", b"*", b"")
FOLDERS = {
    hazard.id: folder
    for hazard in catalogue()
    if hazard.rules and (folder := hazard.folder()) is not None
}


def _broken(data: bytes, chance: random.Random) -> bytes:
    """A file that somebody is in the middle of writing."""
    if chance.random() < 0.3:
        return data[: chance.randrange(len(data))]
    text = bytearray(data)
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(text))
        text[at : at + chance.randrange(8)] = chance.choice(TOKENS)
    return bytes(text)


@pytest.mark.parametrize("identity", FOLDERS)
def test_no_rule_crashes_on_a_file_that_is_being_written(identity: str, tmp_path: Path) -> None:
    seed = 20
    chance = random.Random(seed)
    chosen = rules([identity])
    for number, example in enumerate(sorted(FOLDERS[identity].rglob("*.go")) * 4):
        broken = tmp_path / str(number) / example.name
        broken.parent.mkdir()
        broken.write_bytes(_broken(example.read_bytes(), chance))
        file = Codebase(Program()).open(str(broken))
        for rule in chosen:
            list(rule.findings(file))
