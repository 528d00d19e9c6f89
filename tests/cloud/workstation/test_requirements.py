"""The app's requirements file."""

from __future__ import annotations

from workshop_tui.cloud.source_probe import parse_requirements


def test_requirements_are_read_as_pip_reads_them() -> None:
    text = """\ufeff# what the app needs
Azure.Identity == 1.14.0  # the credential
semantic_kernel[all]>=0.3,<1 ; python_version < "3.12"
httpx
pyyaml \\
  ==6.0.1 --hash=sha256:00
-r more.txt
--index-url https://example.com/simple
./local/package
thing @ https://example.com/thing.whl
"""
    assert dict(parse_requirements(text.removeprefix("\ufeff")).entries) == {
        "azure-identity": "==1.14.0",
        "semantic-kernel": ">=0.3,<1",
        "httpx": "",
        "pyyaml": "==6.0.1",
        "thing": "@https://example.com/thing.whl",
    }
