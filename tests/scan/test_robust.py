"""Whatever the bytes, a scan ends with findings or notices, never with an exception."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commaok.hazards import catalogue, rules
from commaok.scan.scanner import Scanner

_RULES = rules()
_SOURCES = [
    path.read_bytes()
    for hazard in catalogue()
    if (folder := hazard.folder()) is not None
    for path in sorted(folder.rglob("*.go"))
]


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    data = draw(st.sampled_from(_SOURCES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 30)))
        put = draw(
            st.sampled_from([b"", b"{", b"}", b"(", b"[", b"\n", b"if ", b'"', b"\xff", b"`"])
        )
        data = data[:start] + put + data[end:]
    return data


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_mutated())
def test_broken_go_is_never_a_crash(tmp_path: Path, data: bytes) -> None:
    file = tmp_path.resolve() / "broken.go"
    file.write_bytes(data)
    (result,) = Scanner(_RULES, {}).directory([str(file)])
    assert not [each for each in result.notices if "mistake of ours" in each.message]
