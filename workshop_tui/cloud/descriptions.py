"""The live requests: a description through the app, and a few words from the account itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.cloud import versions
from workshop_tui.cloud.errors import (
    REFUSED,
    code_in,
    explain_connection,
    raise_unreadable,
    reading,
    refusal_of,
)
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.web import open_client
from workshop_tui.model import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.cloud.cluster import ClusterClient
    from workshop_tui.cloud.permitted import RequestGuard
    from workshop_tui.cloud.tokens import Tokens
    from workshop_tui.model import ModelDeployment, Names, OpenAIAccount
    from workshop_tui.target import Target

COGNITIVE_SCOPE = "https://cognitiveservices.azure.com/.default"
APP_PORT = 5001
SHOP_PORT = 80
DESCRIBE_SECONDS = 40.0
"""A model may take its time; the facts' own limit is a little longer."""
PRODUCT = {"name": "Seafarer's Tug Rope", "tags": ["toy", "dog"]}
"""What a description is asked for."""
MADE_UP_KEY = "not-a-key-only-a-question"
"""Shown to the account to learn whether it looks at keys; no account has such a one."""
TEXT_LIMIT = 2000

_REASONING_MODELS = ("o1", "o3", "o4", "gpt-5")
"""Models that take `max_completion_tokens` in place of `max_tokens`."""


class Descriptions:
    """Sends the live requests. An answer is an answer, also when it is a refusal."""

    def __init__(self, target: Target, tokens: Tokens, guard: RequestGuard) -> None:
        """Take whose authorities to trust, who asks, and what every request passes."""
        self._target = target
        self._tokens = tokens
        self._guard = guard

    async def through_the_cluster(self, client: ClusterClient, names: Names) -> Answer:
        """Ask the app by way of the API server's service proxy.

        Raises:
            ReadFailure: the API server did not answer.

        """
        path = _proxy(names.namespace, names.deployment, APP_PORT, "/generate/description")
        with reading("the app's answer through the cluster"):
            answer = await client.ask("POST", path, body=PRODUCT, seconds=DESCRIBE_SECONDS)
        return read_answer(answer, f"POST {client.server}{path}")

    async def health_through_the_cluster(self, client: ClusterClient, names: Names) -> Answer:
        """Ask the app whether it is well, in the same way; a good answer is its own word, `ok`.

        Raises:
            ReadFailure: the API server did not answer.

        """
        path = _proxy(names.namespace, names.deployment, APP_PORT, "/health")
        with reading("the app's health through the cluster"):
            answer = await client.ask("GET", path)
        try:
            body = answer.json()
        except ValueError:
            body = None
        told = str(body.get("status", "")) if isinstance(body, dict) else ""
        return Answer(answer.status_code, "", clean(told, limit=100), f"GET {client.server}{path}")

    async def through_the_shop(self, client: ClusterClient, names: Names) -> tuple[Answer, str] | None:
        """Ask the app as the shop's admin site does; return the answer, and the site's address for people.

        By the site's own address where it has one that can be reached, else by the service proxy. None where
        there is no such site.

        Raises:
            ReadFailure: the API server did not answer.

        """
        with reading(f"the Service {names.shop_service}"):
            service = await client.get("Service", names.namespace, names.shop_service)
        if service is None and not names.shop_url:
            return None
        address = names.shop_url or public_address(service or {})
        if address:
            answer = await self._at(f"{address}/ai/generate/description")
            if answer is not None:
                return answer, address
        path = _proxy(names.namespace, names.shop_service, SHOP_PORT, "/ai/generate/description")
        with reading("the shop's answer through the cluster"):
            found = await client.ask("POST", path, body=PRODUCT, seconds=DESCRIBE_SECONDS)
        proxied = f"{client.server}{_proxy(names.namespace, names.shop_service, SHOP_PORT, '/')}"
        return read_answer(found, f"POST {client.server}{path}"), address or proxied

    async def _at(self, url: str) -> Answer | None:
        """Ask at an address of its own; None where nothing can be reached there."""
        try:
            async with open_client(
                self._guard, url, self._target.tls(), read_seconds=DESCRIBE_SECONDS
            ) as client:
                return read_answer(await client.post(url, json=PRODUCT), f"POST {url}")
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return None
        except httpx.HTTPError as error:
            return Answer(0, "", explain_connection(error), f"POST {url}")

    async def with_own_token(self, account: OpenAIAccount, model: ModelDeployment) -> Answer:
        """Ask the account for one token of text, as the signed-in principal.

        Raises:
            ReadFailure: nobody is signed in, or the account did not answer.

        """
        token = await self._tokens.token(COGNITIVE_SCOPE)
        return await self._chat(account, model, {"Authorization": f"Bearer {token}"})

    async def with_made_up_key(self, account: OpenAIAccount, model: ModelDeployment) -> Answer:
        """Show the account a key that is none: refused either way, but how tells whether keys count.

        Raises:
            ReadFailure: the account did not answer.

        """
        return await self._chat(account, model, {"api-key": MADE_UP_KEY})

    async def _chat(self, account: OpenAIAccount, model: ModelDeployment, proof: Mapping[str, str]) -> Answer:
        url = f"{account.endpoint.rstrip('/')}/openai/deployments/{model.name}/chat/completions"
        limit = "max_completion_tokens" if model.model.startswith(_REASONING_MODELS) else "max_tokens"
        body = {"messages": [{"role": "user", "content": "Say hello."}], limit: 1}
        try:
            async with open_client(self._guard, url, self._target.tls(), headers=proof) as client:
                answer = await client.post(url, json=body, params={"api-version": versions.CHAT})
        except httpx.HTTPError as error:
            raise_unreadable(f"the answer of the account {account.name}", error)
        return read_answer(answer, f"POST {url}")


def read_answer(answer: httpx.Response, ask: str) -> Answer:
    """Read an HTTP answer of the app, of a proxy before it, or of the account."""
    ask = clean(ask)
    if answer.status_code < REFUSED:
        return Answer(answer.status_code, "", _text_in(answer.text), ask)
    refusal = refusal_of(answer.status_code, answer.text)
    message = clean(refusal.message, limit=TEXT_LIMIT)
    # The app wraps what the account told it: the account's own code says more than the app's.
    code = code_in(answer.text) or refusal.code
    return Answer(answer.status_code, clean(code, limit=100), message, ask)


def _text_in(body: str) -> str:
    try:
        document: Any = json.loads(body)
    except ValueError:
        return clean(body, limit=TEXT_LIMIT)
    if not isinstance(document, dict):
        return clean(document, limit=TEXT_LIMIT)
    if document.get("choices"):
        content = (document["choices"][0].get("message") or {}).get("content")
        return clean(content or "(accepted, with no text)", limit=TEXT_LIMIT)
    return clean(document.get("description") or document.get("error") or "", limit=TEXT_LIMIT)


def public_address(service: Mapping[str, Any]) -> str:
    """Return where a browser finds a Service of type LoadBalancer, or an empty string."""
    ingress = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    ports: list[dict[str, Any]] = (service.get("spec") or {}).get("ports") or [{}]
    host = next((item.get("ip") or item.get("hostname") for item in ingress), None)
    if not host:
        return ""
    port = ports[0].get("port", SHOP_PORT)
    return f"http://{clean(host)}" + ("" if port == SHOP_PORT else f":{port}")


def _proxy(namespace: str, service: str, port: int, path: str) -> str:
    return f"/api/v1/namespaces/{namespace}/services/{service}:{port}/proxy{path}"
