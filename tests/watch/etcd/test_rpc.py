import subprocess
import sys
from pathlib import Path

import commaok

SOURCES = Path(commaok.__file__).parents[1]
PROTO = "commaok/watch/etcd/rpc.proto"


def test_the_generated_protobuf_modules_are_those_of_the_proto_file(tmp_path: Path) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", "-I", str(SOURCES)),
            *(f"--python_out={tmp_path}", f"--pyi_out={tmp_path}", PROTO),
        ],
        cwd=SOURCES,
        check=True,
    )
    for name in ("rpc_pb2.py", "rpc_pb2.pyi"):
        generated = (tmp_path / "commaok/watch/etcd" / name).read_text()
        assert generated == (SOURCES / "commaok/watch/etcd" / name).read_text(), "run `make proto`"
