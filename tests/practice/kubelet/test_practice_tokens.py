"""ServiceAccount tokens and the issuer, verified from outside with joserfc."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from kubelet_world import NODE, World, is_ready, node_running, practice_in, push_app

from workshop_tui.practice.cluster.issuer import create_issuer
from workshop_tui.practice.cluster.kubelet import atomic_folder, volumes
from workshop_tui.practice.cluster.ports import ApiError, Features, PodReference
from workshop_tui.practice.cluster.tokens import INTERNAL_ISSUER, create_token_issuer, issuer_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

AUDIENCE = "api://AzureADTokenExchange"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    with practice_in(tmp_path) as practice:
        async with node_running(practice) as running:
            yield running


def claims_of(world: World, token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(world.tokens.key_set())  # type: ignore[arg-type]
    return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)


async def site(world: World, path: str) -> httpx.Response:
    issuer = create_issuer(world.practice, world.tokens, lambda: world.features[-1])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(issuer)) as client:
        return await client.get(f"{issuer_url(world.practice)}{path}")


async def test_token_has_the_claims_of_a_bound_token(world: World) -> None:
    world.objects.create("nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}})
    pod = world.create_pod("127.0.0.1:9/x:1h")
    account = world.objects.get("serviceaccounts", "default", "default")
    reference = PodReference("app", pod["metadata"]["uid"])
    token, expires = world.tokens.mint("default", "default", [AUDIENCE], 3600, reference)
    claims = claims_of(world, token)
    assert claims["iss"] == INTERNAL_ISSUER
    assert claims["sub"] == "system:serviceaccount:default:default"
    assert claims["aud"] == [AUDIENCE]
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["exp"] == expires.timestamp()
    bound = claims["kubernetes.io"]
    assert bound["pod"] == {"name": "app", "uid": pod["metadata"]["uid"]}
    assert bound["serviceaccount"] == {"name": "default", "uid": account["metadata"]["uid"]}
    assert bound["node"]["name"] == NODE


async def test_issuer_publishes_once_it_is_on(world: World) -> None:
    assert (await site(world, ".well-known/openid-configuration")).status_code == 404
    assert (await site(world, "openid/v1/jwks")).status_code == 404
    world.features.append(Features(oidc_issuer=True))
    document = (await site(world, ".well-known/openid-configuration")).json()
    issuer = issuer_url(world.practice)
    assert document == {
        "issuer": issuer,
        "jwks_uri": f"{issuer}openid/v1/jwks",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    keys = await site(world, "openid/v1/jwks")
    assert keys.headers["content-type"] == "application/jwk-set+json"
    token, _ = world.tokens.mint("default", "default", [AUDIENCE], 3600)
    claims = jwt.decode(token, KeySet.import_key_set(keys.json()), algorithms=["RS256"]).claims
    assert claims["iss"] == issuer


async def test_key_id_is_made_as_kube_apiserver_makes_it_and_the_key_stays(world: World) -> None:
    (key,) = world.tokens.key_set()["keys"]
    assert {"kty", "use", "alg", "kid", "n", "e"} == set(key)
    pem = RSAKey.import_key(key).as_pem(private=False)
    der = b64decode(b"".join(pem.splitlines()[1:-1]))
    assert key["kid"] == urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    again = create_token_issuer(world.practice, world.objects, Features)
    assert again.key_set() == world.tokens.key_set()


async def test_api_server_takes_only_its_own_living_tokens(world: World) -> None:
    pod = world.create_pod("127.0.0.1:9/x:1h")
    reference = PodReference("app", pod["metadata"]["uid"])
    own, _ = world.tokens.mint("default", "default", [], 600, reference)
    foreign, _ = world.tokens.mint("default", "default", [AUDIENCE], 600, reference)
    assert world.tokens.authenticate(foreign) is None
    assert world.tokens.authenticate(own[:-8] + "AAAAAAAA") is None
    assert world.tokens.authenticate("rubbish") is None
    claims = world.tokens.authenticate(own)
    assert claims is not None
    assert claims["sub"] == "system:serviceaccount:default:default"
    world.features.append(Features(oidc_issuer=True))
    assert world.tokens.authenticate(own)  # the earlier issuer's tokens go on
    world.objects.delete("pods", "default", "app", grace_seconds=0)
    assert world.tokens.authenticate(own) is None


@pytest.mark.parametrize(("account", "seconds", "code"), [("nobody", 3600, 404), ("default", 599, 422)])
async def test_refused_tokens(world: World, account: str, seconds: int, code: int) -> None:
    with pytest.raises(ApiError) as refusal:
        world.tokens.mint("default", account, [], seconds)
    assert refusal.value.code == code


async def test_token_of_a_running_pod_is_renewed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "REFRESH_SHARE", 0.001)  # of ten minutes: 0.6 s
    source = {"serviceAccountToken": {"path": "token", "audience": AUDIENCE, "expirationSeconds": 600}}
    world.create_pod(
        await push_app(world.registry),
        volumes=[{"name": "azure", "projected": {"sources": [source]}}],
        container={"volumeMounts": [{"name": "azure", "mountPath": "/var/run/azure"}]},
    )
    pod = await world.until(is_ready)
    file = world.practice.options.folder / "pods" / pod["metadata"]["uid"] / "volumes" / "azure" / "token"
    first = file.read_text()
    assert claims_of(world, first)["kubernetes.io"]["pod"]["uid"] == pod["metadata"]["uid"]
    for _ in range(40):
        await asyncio.sleep(0.1)
        if file.read_text() != first:
            break
    assert claims_of(world, file.read_text())["jti"] != claims_of(world, first)["jti"]


def test_files_of_a_volume_change_all_at_once(tmp_path: Path) -> None:
    assert atomic_folder.write_all(tmp_path, {"a": b"1", "deep/b": b"2", "gone": b"3"})
    assert (tmp_path / "a").readlink().as_posix() == "..data/a"
    first = (tmp_path / "..data").readlink()
    assert not atomic_folder.write_all(tmp_path, {"a": b"1", "deep/b": b"2", "gone": b"3"})
    assert (tmp_path / "..data").readlink() == first
    assert atomic_folder.write_all(tmp_path, {"a": b"4", "deep/b": b"2"})
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "deep/b").read_bytes()) == (b"4", b"2")
    assert sorted(entry.name for entry in tmp_path.iterdir())[1:] == ["..data", "a", "deep"]


async def test_changed_settings_are_seen_in_a_running_pod(world: World) -> None:
    settings = {"kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "default"}}
    world.objects.create("configmaps", {"apiVersion": "v1", **settings, "data": {"colour": "blue"}})
    world.create_pod(
        await push_app(world.registry),
        volumes=[{"name": "settings", "configMap": {"name": "settings"}}],
        container={"volumeMounts": [{"name": "settings", "mountPath": "/etc/app"}]},
    )
    pod = await world.until(is_ready)
    file = world.practice.options.folder / "pods" / pod["metadata"]["uid"] / "volumes/settings/colour"
    assert file.read_text() == "blue"
    world.objects.replace("configmaps", {"apiVersion": "v1", **settings, "data": {"colour": "red"}})
    for _ in range(60):
        await asyncio.sleep(0.1)
        if file.read_text() == "red":
            return
    raise AssertionError
