"""RSA keys that sign JSON Web Tokens, kept in the state folder, and the verification of such tokens."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from workshop_tui.practice.files import write_private

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Claims = dict[str, Any]
JsonWebKey = dict[str, Any]


class TokenError(ValueError):
    """A token that is no token, or whose signature does not hold."""


class UnknownKeyError(TokenError):
    """The key that signed the token is not among the published ones."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private RSA key; `key_id` is its RFC 7638 thumbprint."""

    key: RSAKey
    key_id: str

    @classmethod
    def load(cls, folder: Path, name: str) -> SigningKey:
        """Return the key `folder/name.pem`, made (2048 bits) at the first call."""
        path = folder / f"{name}.pem"
        if not path.exists():
            fresh = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            pem = fresh.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            write_private(path, pem.decode())
        # Not proven to be a key again: the file is our own, and the proof costs a thousand times the reading.
        pem = path.read_bytes()
        native = serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(native, rsa.RSAPrivateKey):
            raise TypeError(f"{path} holds no RSA key")
        key = RSAKey(native, native)
        return cls(key, key.thumbprint())

    def sign(self, claims: Claims) -> str:
        """Return an RS256 token that carries `claims`."""
        return jwt.encode({"alg": "RS256", "kid": self.key_id}, claims, self.key)

    def published(self) -> JsonWebKey:
        """Return the public half as an issuer's key document lists it."""
        return {"use": "sig", "alg": "RS256", "kid": self.key_id, **self.key.as_dict(private=False)}


def read_unverified(token: str) -> tuple[dict[str, Any], Claims]:
    """Return header and claims of a token nobody has vouched for yet.

    Raises:
        TokenError: it is no JSON Web Token.

    """
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004  # header, payload, signature: RFC 7519
        raise TokenError("a token has three parts")
    try:
        header, claims = (json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (ValueError, Base64Error) as error:
        raise TokenError("header or claims are not JSON in base64url") from error
    if not (isinstance(header, dict) and isinstance(claims, dict)):
        raise TokenError("header and claims are JSON objects")
    return header, claims


def verify(token: str, keys: Iterable[JsonWebKey]) -> Claims:
    """Return the claims of an RS256 token signed by one of `keys`. Lifetime and audience are the caller's.

    Raises:
        UnknownKeyError: its `kid` is not among the keys.
        TokenError: not a token, another algorithm, or a signature that does not hold.

    """
    header, _ = read_unverified(token)
    if header.get("alg") != "RS256":
        raise TokenError("only RS256 is accepted")
    chosen = next((key for key in keys if key.get("kid") == header.get("kid")), None)
    if chosen is None:
        raise UnknownKeyError("the key was not found")
    try:
        key = _public_key(str(chosen["n"]), str(chosen["e"]))
        return dict(jwt.decode(token, key, algorithms=["RS256"]).claims)
    except (JoseError, KeyError, ValueError, TypeError) as error:
        raise TokenError("the signature does not hold") from error


@lru_cache(maxsize=64)
def _public_key(modulus: str, exponent: str) -> RSAKey:
    """Return a published key, taken apart once: that costs more than the verification itself."""
    return RSAKey.import_key({"kty": "RSA", "n": modulus, "e": exponent})
