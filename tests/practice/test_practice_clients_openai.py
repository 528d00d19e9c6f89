"""Azure OpenAI by the openai package: the one of today, and 0.27, which the workshop's app brings with it.

They exclude each other, so 0.27 is driven in an environment of its own, which scripts/test makes.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openai
import pytest
from azure.identity import WorkloadIdentityCredential, get_bearer_token_provider
from azure.identity.aio import WorkloadIdentityCredential as AsyncCredential
from azure.identity.aio import get_bearer_token_provider as async_token_provider
from clients import RecordProperty, driven, package
from practice_world import OPENAI_USER, Issuer, SignedIn

from workshop_tui.practice.model_text import describe

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from workshop_tui.practice.client import Endpoints

HERE = Path(__file__).parent
PROMPT = "Describe this product.\nProduct name: Salty Sailor Bone\ntags: chew toy, dog\ndescription:"
SCOPE = "https://cognitiveservices.azure.com/.default"


@pytest.fixture
def key(learner: SignedIn) -> str:
    return str(learner.call("POST", f"{learner.account}/listKeys").json()["key1"])


@pytest.fixture
def identity(learner: SignedIn, issuer: Issuer, fresh_name: str, tmp_path: Path) -> dict[str, Any]:
    """How an app signs in as a managed identity that may use the account: arguments for azure-identity."""
    made = learner.make_identity(fresh_name)
    learner.trust(fresh_name, issuer.url, "app")
    learner.assign(learner.account, made["principalId"], OPENAI_USER).raise_for_status()
    time.sleep(learner.cloud["role_seconds"] / learner.cloud["time_scale"])
    file = tmp_path / "token"
    file.write_text(issuer.assertion("app"))
    return {
        "tenant_id": learner.cloud["tenant_id"],
        "client_id": made["clientId"],
        "token_file_path": str(file),
        "authority": learner.cloud["entra"],
        "connection_verify": str(learner.cloud.ca_file),
    }


def chat_of(client: Any, **more: Any) -> Any:
    messages = [{"role": "user", "content": PROMPT}]
    return client.chat.completions.create(model="gpt-35-turbo", messages=messages, **more)


def settings(cloud: Endpoints) -> dict[str, Any]:
    return {"azure_endpoint": cloud["openai"], "api_version": "2024-10-21", "max_retries": 0}


def test_with_a_token_provider(
    cloud: Endpoints, tls: ssl.SSLContext, identity: dict[str, Any], record_property: RecordProperty
) -> None:
    driven(record_property, package("openai"), "AzureOpenAI, token provider", "chat", "chat (stream)")
    http = openai.DefaultHttpxClient(verify=tls, trust_env=False)
    with WorkloadIdentityCredential(**identity) as credential:
        provider = get_bearer_token_provider(credential, SCOPE)
        client = openai.AzureOpenAI(azure_ad_token_provider=provider, http_client=http, **settings(cloud))
        with client:
            assert chat_of(client).choices[0].message.content == describe(PROMPT)
            parts = [part.choices[0].delta.content or "" for part in chat_of(client, stream=True)]
    assert (len(parts) > 1, "".join(parts)) == (True, describe(PROMPT))


async def test_asynchronous(
    cloud: Endpoints,
    tls: ssl.SSLContext,
    identity: dict[str, Any],
    key: str,
    record_property: RecordProperty,
) -> None:
    driven(record_property, package("openai"), "AsyncAzureOpenAI, token provider", "AsyncAzureOpenAI, key")
    async with AsyncCredential(**identity) as credential:
        provider = async_token_provider(credential, SCOPE)
        for proof in ({"azure_ad_token_provider": provider}, {"api_key": key}):
            http = openai.DefaultAsyncHttpxClient(verify=tls, trust_env=False)
            client = openai.AsyncAzureOpenAI(http_client=http, **proof, **settings(cloud))
            async with client:
                answer = await chat_of(client)
                assert answer.choices[0].message.content == describe(PROMPT)
                parts = [
                    part.choices[0].delta.content or "" async for part in await chat_of(client, stream=True)
                ]
                assert "".join(parts) == describe(PROMPT)


@pytest.fixture
def old(cloud: Endpoints, record_property: RecordProperty) -> Callable[..., dict[str, Any]]:
    """Asks once by openai 0.27 and returns what openai_0_27.py tells of it."""
    place = Path(os.environ.get("WORKSHOP_TUI_OPENAI_OLD") or HERE.parents[1] / ".work" / "openai-0.27")
    installed = next(place.glob("lib/python*/site-packages/openai-*.dist-info"), None)
    if installed is None:
        pytest.skip("there is no environment with openai 0.27: it is NOT driven")
    version = installed.stem.removeprefix("openai-")

    def ask(command: str, **wanted: str) -> dict[str, Any]:
        driven(record_property, f"openai {version}", command)
        whole = {
            "api_base": cloud["openai"],
            "api_version": "2023-03-15-preview",
            "engine": "gpt-35-turbo",
            "prompt": PROMPT,
            "way": "plain",
            **wanted,
        }
        done = subprocess.run(
            [place / "bin" / "python", HERE / "openai_0_27.py"],
            input=json.dumps(whole),
            env=os.environ | {"REQUESTS_CA_BUNDLE": str(cloud.ca_file), "SSL_CERT_FILE": str(cloud.ca_file)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    return ask


@pytest.mark.parametrize("way", ["plain", "stream", "async"])
def test_old_by_key(old: Callable[..., dict[str, Any]], key: str, way: str) -> None:
    told = old(f"ChatCompletion, azure ({way})", api_type="azure", api_key=key, way=way)
    assert told["text"] == describe(PROMPT)


def test_old_by_token(old: Callable[..., dict[str, Any]], identity: dict[str, Any]) -> None:
    with WorkloadIdentityCredential(**identity) as credential:
        token = credential.get_token(SCOPE).token
    told = old("ChatCompletion, azure_ad", api_type="azure_ad", api_key=token)
    assert told["text"] == describe(PROMPT)


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        ({"api_key": "wrong"}, "AuthenticationError 401", "Access denied due to invalid subscription key"),
        ({"engine": "gpt-9"}, "InvalidRequestError 404", "The API deployment for this resource does not"),
        # Azure answers a bad token without an envelope, which 0.27 cannot read: many a learner has seen this.
        ({"api_type": "azure_ad"}, "APIError 401", "Invalid response object from API: "),
    ],
)
def test_refused_to_old(
    old: Callable[..., dict[str, Any]], key: str, wrong: dict[str, str], kind: str, words: str
) -> None:
    told = old("refusals", **{"api_type": "azure", "api_key": key, **wrong})
    assert f"{told['class']} {told['status']}" == kind
    assert told["words"].startswith(words)
