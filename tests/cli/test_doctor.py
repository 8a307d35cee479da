import json

from tests.cli.test_lab import commaok


def test_the_table_names_everything_it_looked_for() -> None:
    code, output, _ = commaok("doctor")
    assert code == 0
    for name in ("etcd", "Go toolchain", "BTF", "CAP_BPF", "tracefs", "Chromium", "Java"):
        assert name in output


def test_json_carries_the_same_with_a_schema() -> None:
    code, output, _ = commaok("doctor", "--format", "json")
    assert code == 0
    answer = json.loads(output)
    assert answer["schema"] == "commaok.doctor/1"
    assert {one["status"] for one in answer["checks"]} <= {"found", "missing", "unknown"}
