"""Code that is right in a style of its own, as people write it who know better: green at every check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from steps_world import CODE, FINISHED

from workshop_tui.cloud.source_probe import probe
from workshop_tui.facts.engine import Facts
from workshop_tui.findings import Verdict
from workshop_tui.guide_judging import judge
from workshop_tui.model import Requirements, SourceBehaviour

if TYPE_CHECKING:
    from pathlib import Path

PINNED = Requirements({"semantic-kernel": "==0.3.1.dev0", "azure-identity": "==1.14.0"})
NEWER = Requirements({"semantic-kernel": "==1.9.0", "azure-identity": ">=1.19,<2"})

PER_REQUEST = '''\
import os

import semantic_kernel as sk
from azure.identity import DefaultAzureCredential
from fastapi import APIRouter
from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion, OpenAIChatCompletion

router = APIRouter(prefix="/generate")
with_identity = os.getenv("USE_AZURE_AD", "").strip().lower() == "true"
with_azure = os.getenv("USE_AZURE_OPENAI", "true").strip().lower() == "true"
credential = DefaultAzureCredential() if with_azure and with_identity else None
key = os.getenv("OPENAI_API_KEY", "")
if credential is None and not key:
    raise RuntimeError("OPENAI_API_KEY is needed")
organisation = os.getenv("OPENAI_ORG_ID", "")
if not with_azure and not organisation:
    raise RuntimeError("OPENAI_ORG_ID is needed")


def service():
    """Make the chat service anew: a token lives for about an hour, a process for weeks."""
    if not with_azure:
        return OpenAIChatCompletion("gpt-3.5-turbo", key, organisation)
    place = {
        "deployment_name": os.environ["AZURE_OPENAI_DEPLOYMENT_NAME"],
        "endpoint": os.environ["AZURE_OPENAI_ENDPOINT"],
    }
    if credential is None:
        return AzureChatCompletion(**place, api_key=key)
    token = credential.get_token("https://cognitiveservices.azure.com/.default").token
    return AzureChatCompletion(**place, api_key=token, ad_auth=True)


@router.post("/description")
async def describe(product: dict):
    kernel = sk.Kernel()
    kernel.add_chat_service("writer", service())
    return {"description": str(kernel)}
'''
WITH_PROVIDER = (
    PER_REQUEST.replace(
        "import DefaultAzureCredential", "import DefaultAzureCredential, get_bearer_token_provider"
    )
    .replace(
        'credential.get_token("https://cognitiveservices.azure.com/.default").token',
        'get_bearer_token_provider(credential, "https://cognitiveservices.azure.com/.default")',
    )
    .replace("api_key=token, ad_auth=True", "ad_token_provider=token")
    .replace('add_chat_service("writer", service())', "add_service(service())")
)
AS_A_CLASS = '''\
from dataclasses import dataclass
from os import environ as env

import semantic_kernel as kernel_library
from azure import identity
from semantic_kernel.connectors.ai import open_ai

TRUE = {"1", "true", "yes", "on"}


@dataclass(frozen=True)
class SignIn:
    """How the service signs in: with a token as the pod's identity, or with a key."""

    secret: str
    options: dict

    @classmethod
    def chosen(cls) -> "SignIn":
        on_azure = env.get("USE_AZURE_OPENAI", "true").lower() in TRUE
        if on_azure and env.get("USE_AZURE_AD", "no").lower() in TRUE:
            who = identity.WorkloadIdentityCredential()
            return cls(who.get_token("https://cognitiveservices.azure.com/.default")[0], {"ad_auth": True})
        match env.get("OPENAI_API_KEY"):
            case None | "":
                raise SystemExit("No OPENAI_API_KEY, and no identity chosen")
            case key:
                return cls(key, {})


sign_in = SignIn.chosen()
kernel = kernel_library.Kernel()
if env.get("USE_AZURE_OPENAI", "true").lower() in TRUE:
    where = env["AZURE_OPENAI_DEPLOYMENT_NAME"], env["AZURE_OPENAI_ENDPOINT"]
    chat = open_ai.AzureChatCompletion(*where, sign_in.secret, **sign_in.options)
else:
    chat = open_ai.OpenAIChatCompletion("gpt-4", sign_in.secret, env["OPENAI_ORG_ID"])
kernel.add_chat_service("writer", chat)
'''
STYLES = {
    "a newer app takes its token per request": (PER_REQUEST, PINNED),
    "a newer app gives a token provider": (WITH_PROVIDER, NEWER),
    "everything in a class": (AS_A_CLASS, PINNED),
}


@pytest.mark.parametrize("style", STYLES)
async def test_code_in_another_style_is_green_at_every_check(style: str, tmp_path: Path) -> None:
    text, requirements = STYLES[style]
    (tmp_path / "routers").mkdir()
    (tmp_path / "routers" / "__init__.py").touch()
    (tmp_path / "routers" / "description_generator.py").write_text(text, encoding="utf-8")
    behaviour = await probe(tmp_path, requirements)
    assert isinstance(behaviour, SourceBehaviour)
    world = {**FINISHED, SourceBehaviour: behaviour, Requirements: requirements}
    async with Facts(world, {}) as facts:
        findings = {check.id: await judge(facts, check) for check in CODE["edit-code"].checks}
    assert {name: item for name, item in findings.items() if item.verdict is not Verdict.PASSED} == {}
