"""The practice cloud's authority: made once, private, and trusted by strict clients."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
from cryptography import x509
from cryptography.x509.oid import NameOID

from workshop_tui.practice.certificates import open_authority

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.practice.client import Endpoints


def test_made_once_and_private(tmp_path: Path) -> None:
    first = open_authority(tmp_path)
    files = [first.certificate_file, tmp_path / "ca.key", *first.server_files()]
    before = [each.read_bytes() for each in files]
    second = open_authority(tmp_path)
    second.server_files()
    assert [each.read_bytes() for each in files] == before
    assert all(each.stat().st_mode & 0o777 == 0o600 for each in files)


def test_a_half_made_authority_is_made_again(tmp_path: Path) -> None:
    open_authority(tmp_path).server_files()
    (tmp_path / "ca.pem").unlink()
    again = open_authority(tmp_path)
    certificate_file, _ = again.server_files()
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    certificate.verify_directly_issued_by(again.certificate)


def test_strict_clients_accept_both_names(cloud: Endpoints) -> None:
    context = ssl.create_default_context(cafile=str(cloud.ca_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with httpx.Client(verify=context, trust_env=False) as client:
        for host in ("localhost", "127.0.0.1"):
            url = cloud.arm.replace("localhost", host)
            assert client.get(f"{url}/practice/health").json()["status"] == "ok"


def test_a_kubernetes_users_certificate(tmp_path: Path) -> None:
    authority = open_authority(tmp_path)
    pem, key = authority.client_certificate("clusterUser", "system:masters")
    certificate = x509.load_pem_x509_certificate(pem.encode())
    certificate.verify_directly_issued_by(authority.certificate)
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    (group,) = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert (name.value, group.value) == ("clusterUser", "system:masters")
    assert "PRIVATE KEY" in key
