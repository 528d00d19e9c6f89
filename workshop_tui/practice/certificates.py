"""The practice cloud's certificate authority, and what it signs.

Made once per state folder and kept, so that clients configured yesterday trust the cloud of today. Keys are
on elliptic curves, made in a millisecond. The extensions are what Python 3.13's strict verification asks for.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from workshop_tui.practice.files import write_private

if TYPE_CHECKING:
    from pathlib import Path

CA_DAYS = 3650
LEAF_DAYS = 397
"""Lifetime of a server or client certificate: the longest that browsers accept."""
RENEW_DAYS = 30
"""A server certificate with less than this left is replaced at the next start."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority with its files: `ca.pem` for everybody, `ca.key` for nobody else."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_file(self) -> Path:
        """The file clients are to trust."""
        return self.folder / "ca.pem"

    def server_files(self) -> tuple[Path, Path]:
        """Return the certificate's and the key's file for `localhost` and `127.0.0.1`, made when needed."""
        certificate_file, key_file = self.folder / "server.pem", self.folder / "server.key"
        if not self._is_usable(certificate_file, key_file):
            names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
            certificate, key = self._sign(subject, ExtendedKeyUsageOID.SERVER_AUTH, names)
            write_private(key_file, key)
            write_private(certificate_file, certificate)
        return certificate_file, key_file

    def client_certificate(self, common_name: str, organization: str | None = None) -> tuple[str, str]:
        """Return certificate and key (PEM) of a Kubernetes user: its name, and its group as organization."""
        attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
        if organization is not None:
            attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
        return self._sign(x509.Name(attributes), ExtendedKeyUsageOID.CLIENT_AUTH, [])

    def _is_usable(self, certificate_file: Path, key_file: Path) -> bool:
        if not (certificate_file.exists() and key_file.exists()):
            return False
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        return (
            certificate.issuer == self.certificate.subject
            and certificate.public_key() == key.public_key()
            and certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=RENEW_DAYS)
        )

    def _sign(
        self, subject: x509.Name, usage: x509.ObjectIdentifier, names: list[x509.GeneralName]
    ) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder(subject, self.certificate.subject, key.public_key(), LEAF_DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return _pem(builder.sign(self.key, hashes.SHA256())), _key_pem(key)


def open_authority(folder: Path) -> Authority:
    """Return the authority of `folder`, made at the first call.

    Raises:
        OSError: the folder can't be read or written.

    """
    certificate_file, key_file = folder / "ca.pem", folder / "ca.key"
    if not (certificate_file.exists() and key_file.exists()):
        _create(certificate_file, key_file)
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        msg = f"{key_file} holds no elliptic curve key"
        raise TypeError(msg)
    return Authority(folder, x509.load_pem_x509_certificate(certificate_file.read_bytes()), key)


def _create(certificate_file: Path, key_file: Path) -> None:
    """Make the authority; the certificate comes last, so a half-made one is made again."""
    certificate_file.unlink(missing_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number() % 1_000_000
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"workshop-tui practice CA {serial}")])
    certificate = (
        _builder(name, name, key.public_key(), CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(key_file, _key_pem(key))
    write_private(certificate_file, _pem(certificate))


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
