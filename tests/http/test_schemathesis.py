import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Service

ROOT = Path(__file__).parent.parent.parent
SECONDS = 240
FEWEST = 30
"""So many operations there are at the least."""


@pytest.mark.timeout(SECONDS + 20)
def test_the_service_keeps_to_its_openapi_document(live_url: str, service: Service, tmp_path: Path) -> None:
    no_limits = {"limits": {"comments": None, "ratings": None}}
    assert service.request("PATCH", "/v1/admin/policy", json=no_limits, headers=service.owner).status == 200
    owner = f"Authorization: {service.owner['Authorization']}"
    command = [Path(sys.executable).parent / "schemathesis", "run", f"{live_url}/openapi.json", "-H", owner]
    options = ["--checks", "all", "--report", "junit", "--report-dir", tmp_path, "--no-color"]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested, "it looked at nothing"
    assert int(tested[1]) >= FEWEST, tested[0]
