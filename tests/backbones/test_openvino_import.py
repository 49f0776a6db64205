import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

CODE = (
    "import sys, urllib.request, http.client\n"
    "def told(*args, **kwargs): print('TOLD', *args)\n"
    "urllib.request.urlopen = http.client.HTTPConnection.connect = told\n"
    "{first}\n"
    "openvino = import_openvino()\n"
    "openvino.Core().available_devices\n"
    "print(*(name for name in sys.modules if 'telemetry' in name and 'openvino.' not in name))\n"
)


def printed(first, home):
    # Telemetry keeps quiet in CI, so that it would seem to be quiet here.
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment |= {"HOME": str(home), "USERPROFILE": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(first=first)],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.skipif(not find_spec("openvino_telemetry"), reason="OpenVINO came without telemetry")
def test_nothing_is_told_to_anybody(tmp_path):
    ours = "from bioselect.backbones.openvino_import import import_openvino"
    assert printed(ours, tmp_path) == ""
    assert not list(tmp_path.iterdir())
    # The same without our import: otherwise this test could not fail.
    plain = "import openvino; import_openvino = lambda: openvino"
    assert "openvino_telemetry" in printed(plain, tmp_path)
    assert list(tmp_path.iterdir())


def test_what_others_imported_stays(tmp_path):
    first = (
        "import types; kept = sys.modules['openvino_telemetry'] = types.ModuleType('kept')\n"
        "from bioselect.backbones.openvino_import import import_openvino"
    )
    assert printed(first, tmp_path) == "openvino_telemetry"
