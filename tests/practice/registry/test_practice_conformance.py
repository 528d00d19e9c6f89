"""The registry under the distribution specification's own conformance suite, with everything of 1.1 asked.

The suite is a program that scripts/client-matrix builds from its Go sources; where it is not on PATH as
`oci-conformance`, this test is skipped.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from clients import RecordProperty, driven, program

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.practice.client import Endpoints

ASKED = {
    "OCI_VERSION": "1.1",
    "OCI_TLS": "disabled",
    "OCI_API_BLOBS_DIGEST_HEADER": "true",
    "OCI_API_BLOBS_UPLOAD_CANCEL": "true",
    "OCI_API_MANIFESTS_DIGEST_HEADER": "true",
}
"""What is optional in 1.1 is asked, too; all else is asked by default."""


def test_conformance(cloud: Endpoints, tmp_path: Path, record_property: RecordProperty) -> None:
    suite = program("oci-conformance")
    places = {"OCI_REGISTRY": cloud["registry"], "OCI_RESULTS_DIR": str(tmp_path)}
    done = subprocess.run(
        [suite.path],
        env=os.environ | ASKED | places,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    counted = dict(re.findall(r"^  (Pass|FAIL|Error|Skip)\.+: +(\d+)$", done.stdout, re.MULTILINE))
    driven(
        record_property,
        "OCI conformance suite 1.1",
        f"{counted.get('Pass')} passed, {counted.get('FAIL')} failed, {counted.get('Skip')} skipped",
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert "OCI Conformance Result: Pass" in done.stdout
    assert (int(counted["FAIL"]), int(counted["Error"])) == (0, 0)
    assert int(counted["Pass"]) > 800
