"""The store's other pods, and the ai-service as the quickstart left it: played inside this process.

They pull nothing and are no copies of the real programs; each says in its log that it is simulated.
"""

from __future__ import annotations

import hashlib
import ssl
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from workshop_tui.practice.cluster.ports import SIMULATED
from workshop_tui.practice.cluster.shop.front import create_front

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from workshop_tui.practice.cluster.kubelet.logs import ContainerLog
    from workshop_tui.practice.cluster.kubelet.references import ImageReference
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.context import Practice

_PROXIES = "mcr.microsoft.com/oss/azure/workload-identity/proxy"
"""Programs that redirect a pod's traffic: there is nothing here that could play them."""
_STORE = "ghcr.io/azure-samples/aks-store-demo/"
_PASSED_ON = frozenset({"content-type", "location", "content-security-policy", "x-content-type-options"})
_API_VERSION = "2023-03-15-preview"
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class RefusesToStartError(Exception):
    """What the program would print before it exits with code 1."""


Factory: TypeAlias = "Callable[[Practice, Mapping[str, str], ContainerLog], ASGIApp]"
"""Makes the program of a built-in image from its environment, or raises RefusesToStartError."""


def built_in_image(pod: Object, reference: ImageReference) -> Factory | None:
    """Return the program of an image that is built in, None for one that has to be pulled."""
    if reference.name.startswith(_STORE):
        return _PROGRAMS.get(reference.name.removeprefix(_STORE), _health_only)
    if reference.name.startswith(_PROXIES):
        return None
    labelled = (pod["metadata"].get("labels") or {}).get(SIMULATED) == "true"
    return _health_only if labelled and not reference.is_local else None


def built_in_image_id(reference: ImageReference) -> str:
    """Return the imageID of a built-in image: there are no bytes, so the digest is that of its name."""
    digest = reference.digest or f"sha256:{hashlib.sha256(reference.text.encode()).hexdigest()}"
    return f"{reference.name}@{digest}"


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"status": "ok", "simulated": True})


def _health_only(_practice: Practice, _environment: Mapping[str, str], _log: ContainerLog) -> ASGIApp:
    return Starlette(routes=[Route("/{path:path}", _healthy)])


def _store_admin(practice: Practice, _environment: Mapping[str, str], _log: ContainerLog) -> ASGIApp:
    """Pass everything on to the one store-admin site of this practice cloud."""

    async def forward(request: Request) -> Response:
        url = f"{practice.addresses.shop}{request.url.path}"
        kept = {k: v for k, v in request.headers.items() if k in {"accept", "content-type"}}
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
                answer = await client.request(
                    request.method,
                    url,
                    params=request.query_params,
                    content=await request.body(),
                    headers=kept,
                )
        except httpx.HTTPError as error:
            return JSONResponse({"error": f"the simulated site does not answer: {error}"}, status_code=502)
        passed = {k: v for k, v in answer.headers.items() if k in _PASSED_ON}
        return Response(answer.content, status_code=answer.status_code, headers=passed)

    methods = ["GET", "HEAD", "POST", "PUT", "DELETE"]
    return Starlette(routes=[Route("/{path:path}", forward, methods=methods)])


def _store_front(practice: Practice, _environment: Mapping[str, str], _log: ContainerLog) -> ASGIApp:
    return create_front(practice.store)


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise RefusesToStartError(f"{name} environment variable must be set")
    return value


def _ai_service(practice: Practice, environment: Mapping[str, str], log: ContainerLog) -> ASGIApp:
    """Write descriptions with an API key, as the ai-service did before the workshop."""
    key = _required(environment, "OPENAI_API_KEY")
    if environment.get("USE_AZURE_OPENAI", "").lower() != "true":
        raise RefusesToStartError(
            "the simulated ai-service only knows Azure OpenAI: USE_AZURE_OPENAI must be True"
        )
    endpoint = _required(environment, "AZURE_OPENAI_ENDPOINT").rstrip("/")
    deployment = _required(environment, "AZURE_OPENAI_DEPLOYMENT_NAME")
    url = f"{endpoint}/openai/deployments/{deployment}/chat/completions"
    trust = ssl.create_default_context(cafile=practice.ca_file)
    log.say("Authenticating to Azure OpenAI with OpenAI API key")

    async def describe(request: Request) -> Response:
        try:
            product = await request.json()
            name, tags = product["name"], ",".join(product["tags"])
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"error": repr(error)}, status_code=400)
        question = f"Describe this pet product in two sentences.\nname: {name}\ntags: {tags}"
        try:
            async with httpx.AsyncClient(verify=trust, timeout=_TIMEOUT, trust_env=False) as client:
                answer = await client.post(
                    url,
                    params={"api-version": _API_VERSION},
                    headers={"api-key": key},
                    json={"messages": [{"role": "user", "content": question}]},
                )
            if answer.is_error:
                # As programs with the OpenAI library do, it passes on what the account said.
                problem = f"Error code: {answer.status_code} - {answer.text}"
                log.say(f"description failed: {problem}")
                return JSONResponse({"error": problem}, status_code=400)
            text = _text_of(answer.json())
        except (httpx.HTTPError, ValueError, KeyError, IndexError) as error:
            log.say(f"description failed: {error}")
            return JSONResponse({"error": str(error)}, status_code=400)
        log.say(f"described {name!r}")
        return JSONResponse({"description": text})

    return Starlette(
        routes=[Route("/health", _healthy), Route("/generate/description", describe, methods=["POST"])]
    )


def _text_of(completion: dict[str, Any]) -> str:
    return str(completion["choices"][0]["message"]["content"]).replace("\n", "")


_PROGRAMS: dict[str, Factory] = {
    "ai-service": _ai_service,
    "store-admin": _store_admin,
    "store-front": _store_front,
}
