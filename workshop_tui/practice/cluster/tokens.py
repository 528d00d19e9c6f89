"""ServiceAccount tokens: signed JSON Web Tokens with the claims kube-apiserver puts into them."""

from __future__ import annotations

import hashlib
import uuid
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization

from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.signing import SigningKey, TokenError, verify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workshop_tui.practice.cluster.ports import ObjectStore, PodReference, ReadFeatures
    from workshop_tui.practice.context import Practice

INTERNAL_ISSUER = "https://kubernetes.default.svc.cluster.local"
"""`iss` of a cluster that publishes no issuer; the API server takes such tokens later on, too."""

_MORTAL = (("serviceaccounts", "serviceaccount"), ("pods", "pod"), ("secrets", "secret"), ("nodes", "node"))
"""What a token may be bound to, and dies with; the node of a bound pod is only told."""
SHORTEST_SECONDS = 600
"""Kubernetes refuses to sign tokens that live shorter."""

_NEEDED = frozenset({"aud", "exp", "iss", "kubernetes.io", "nbf", "sub"})


def issuer_url(practice: Practice) -> str:
    """Return the issuer's URL, trailing slash included, in the form AKS gives it."""
    names = practice.names
    return f"{practice.addresses.issuer}/{names.tenant_id}/{names.cluster_guid}/"


def _with_kubernetes_key_id(key: SigningKey) -> SigningKey:
    """Name the key as kube-apiserver does: the SHA-256 of its public half in PKIX DER."""
    der = key.key.public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    name = urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    return replace(key, key_id=name)


def create_token_issuer(practice: Practice, objects: ObjectStore, features: ReadFeatures) -> ClusterTokens:
    """Return the cluster's token issuer. Its key is made once and kept in `folder/keys/`."""
    key = SigningKey.load(practice.options.folder / "keys", "cluster")
    return ClusterTokens(practice, objects, features, _with_kubernetes_key_id(key))


class ClusterTokens:
    """Signs and verifies ServiceAccount tokens (a `TokenIssuer`)."""

    def __init__(
        self, practice: Practice, objects: ObjectStore, features: ReadFeatures, key: SigningKey
    ) -> None:
        self._practice = practice
        self._objects = objects
        self._features = features
        self._key = key

    @property
    def issuer(self) -> str:
        """The `iss` of tokens signed now."""
        return issuer_url(self._practice) if self._features().oidc_issuer else INTERNAL_ISSUER

    def key_set(self) -> dict[str, Any]:
        """Return the public keys as the issuer publishes them."""
        return {"keys": [self._key.published()]}

    def mint(
        self,
        namespace: str,
        service_account: str,
        audiences: Sequence[str],
        expiration_seconds: int,
        pod: PodReference | None = None,
        *,
        bound_to: Mapping[str, Any] | None = None,
    ) -> tuple[str, datetime]:
        """Return a signed token and when it expires; see `TokenIssuer.mint`."""
        if expiration_seconds < SHORTEST_SECONDS:
            message = (
                f"spec.expirationSeconds: Invalid value: {expiration_seconds}: "
                "may not specify a duration less than 10 minutes"
            )
            raise ApiError(422, "Invalid", message)
        account = self._objects.get("serviceaccounts", namespace, service_account)
        issued = datetime.now(UTC).replace(microsecond=0)
        expires = issued + timedelta(seconds=expiration_seconds)
        bound: dict[str, Any] = {
            "namespace": namespace,
            "serviceaccount": {"name": service_account, "uid": account["metadata"]["uid"]},
        }
        if pod is not None:
            bound |= self._bound_pod(namespace, pod)
        bound |= bound_to or {}
        claims = {
            "aud": list(audiences) or [self.issuer],
            "exp": int(expires.timestamp()),
            "iat": int(issued.timestamp()),
            "iss": self.issuer,
            "jti": str(uuid.uuid4()),
            "kubernetes.io": bound,
            "nbf": int(issued.timestamp()),
            "sub": f"system:serviceaccount:{namespace}:{service_account}",
        }
        return self._key.sign(claims), expires

    def authenticate(self, token: str, audiences: Sequence[str] = ()) -> Mapping[str, Any] | None:
        """Return the claims of a valid token meant for the API server or these audiences, else None."""
        try:
            claims = verify(token, [self._key.published()])
        except TokenError:
            return None
        own = {INTERNAL_ISSUER, issuer_url(self._practice)}
        now = self._practice.clock.now().timestamp()
        if not claims.keys() >= _NEEDED:
            return None
        if (
            claims["iss"] not in own
            or not (set(audiences) or own) & set(claims["aud"])
            or not claims["nbf"] <= now < claims["exp"]
        ):
            return None
        return claims if self._still_there(claims["kubernetes.io"]) else None

    def _bound_pod(self, namespace: str, pod: PodReference) -> dict[str, Any]:
        found = self._objects.get("pods", namespace, pod.name)
        if found["metadata"]["uid"] != pod.uid:
            message = f"the UID in the bound object reference ({pod.uid}) does not match the UID in record"
            raise ApiError(409, "Conflict", message)
        bound: dict[str, Any] = {"pod": {"name": pod.name, "uid": pod.uid}}
        node_name = found.get("spec", {}).get("nodeName", "")
        node = self._objects.find("nodes", "", node_name) if node_name else None
        if node is not None:
            bound["node"] = {"name": node_name, "uid": node["metadata"]["uid"]}
        return bound

    def _still_there(self, bound: Mapping[str, Any]) -> bool:
        """Return whether what the token is bound to still is what it was: tokens die with it."""
        for resource, field in _MORTAL:
            named = bound.get(field)
            if named is None or (field == "node" and "pod" in bound):
                continue
            namespace = "" if field == "node" else bound["namespace"]
            found = self._objects.find(resource, namespace, named["name"])
            if found is None or found["metadata"]["uid"] != named["uid"]:
                return False
        return True
