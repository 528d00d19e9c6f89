"""The probe tells what a learner's code does, however it is written, and keeps it from doing harm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from workshop_tui.cloud.source_probe import SCENARIOS, probe
from workshop_tui.model import Absent, ProbedService, Requirements, SourceBehaviour, SourceScenario

if TYPE_CHECKING:
    from pathlib import Path

PINNED = Requirements({"semantic-kernel": "==0.3.1.dev0", "azure-identity": "==1.14.0"})
NEWER = Requirements({"semantic-kernel": "==1.9.0", "azure-identity": "==1.19.0"})
SCOPE = "https://cognitiveservices.azure.com/.default"
PLACE = {"deployment": "probe-deployment", "endpoint": "https://probe.openai.azure.com/"}
TOKEN = ProbedService("azure", "token", as_token=True, **PLACE)
KEY = ProbedService("azure", "key", as_token=False, **PLACE)

KEY_LINE = '    kernel.add_chat_service("chat", AzureChatCompletion(deployment, endpoint, api_key))\n'
DEMAND = "if not api_key:\n"
SWITCH = """use_azure_ad = os.environ.get("USE_AZURE_AD", "").lower() == "true"
if not api_key and not use_azure_ad:
"""
SCOPE_CALL = 'get_token("https://cognitiveservices.azure.com/.default")'


def edited(service: Path, sign_in: str, demand: str = "", top: str = "") -> None:
    """Edit the starter as a learner may: imports on top, the demand for a key, the Azure branch."""
    file = service / "routers" / "description_generator.py"
    text = file.read_text()
    assert KEY_LINE in text
    assert DEMAND in text
    demand = demand or SWITCH
    indented = "".join(f"    {line}\n" if line else "\n" for line in sign_in.strip("\n").split("\n"))
    file.write_text(top + text.replace(DEMAND, demand).replace(KEY_LINE, indented))


def rewrite(service: Path, text: str) -> None:
    (service / "routers" / "description_generator.py").write_text(text)


def listing(service: Path) -> list[Path]:
    return sorted(service.rglob("*"))


async def behaviour(service: Path, requirements: Requirements = PINNED) -> SourceBehaviour:
    found = await probe(service, requirements)
    assert isinstance(found, SourceBehaviour)
    assert found.compile_error == ""
    assert set(found.scenarios) == set(SCENARIOS)
    return found


def services(found: SourceBehaviour, name: str) -> tuple[ProbedService, ...]:
    scenario = found.scenarios[name]
    assert scenario.error == ""
    return scenario.services


async def test_the_starter_as_it_comes_knows_the_key_alone(service: Path) -> None:
    found = await behaviour(service)
    assert "OPENAI_API_KEY" in found.scenarios["token-without-key"].error
    assert services(found, "token-with-key") == (KEY,)
    assert services(found, "key") == services(found, "key-ad-false") == (KEY,)
    assert services(found, "direct") == (
        ProbedService("openai", "key", as_token=False, deployment="gpt-3.5-turbo"),
    )
    refused = {name for name, scenario in found.scenarios.items() if scenario.error}
    assert refused == {
        *("token-without-key", "nothing", "ad-false-no-key", "ad-empty-no-key"),
        *("direct-no-org", "direct-no-key"),
    }


BRANCH = """
if use_azure_ad:
    {token}
    kernel.add_chat_service("chat", AzureChatCompletion({call}))
else:
    kernel.add_chat_service("chat", AzureChatCompletion(deployment, endpoint, api_key))
"""
GET = 'token = credential.get_token("https://cognitiveservices.azure.com/.default").token'
CALL = "deployment, endpoint, token, ad_auth=True"
HELPER = """
from azure.identity import DefaultAzureCredential

def token_for(scope):
    with DefaultAzureCredential() as credential:
        return credential.get_token(scope).token
"""
STYLES = {
    "default credential": (
        "from azure.identity import DefaultAzureCredential\n",
        "credential = DefaultAzureCredential(); " + GET,
        CALL,
    ),
    "keywords": (
        "from azure.identity import DefaultAzureCredential\n",
        "credential = DefaultAzureCredential(exclude_interactive_browser_credential=True); " + GET,
        "deployment_name=deployment, endpoint=endpoint, api_key=token, ad_auth=True",
    ),
    "all positional": (
        "from azure import identity\n",
        "credential = identity.WorkloadIdentityCredential(); " + GET,
        'deployment, endpoint, token, "2023-05-15", None, True',
    ),
    "a chain": (
        "import azure.identity as ai\n",
        "credential = ai.ChainedTokenCredential(ai.WorkloadIdentityCredential(), ai.AzureCliCredential()); "
        + GET,
        CALL,
    ),
    "managed identity, by index": (
        "from azure.identity import ManagedIdentityCredential\n",
        f'token = ManagedIdentityCredential(client_id=os.getenv("AZURE_CLIENT_ID")).{SCOPE_CALL}[0]',
        CALL,
    ),
    "a helper function": (
        HELPER,
        'token = token_for("https://cognitiveservices.azure.com/.default")',
        CALL,
    ),
    "imported where it is used": (
        "",
        "from azure.identity import DefaultAzureCredential; credential = DefaultAzureCredential(); " + GET,
        CALL,
    ),
}


@pytest.mark.parametrize("style", STYLES)
async def test_a_token_is_seen_however_it_is_had(service: Path, style: str) -> None:
    top, token, call = STYLES[style]
    edited(service, BRANCH.format(token=token, call=call), top=top)
    found = await behaviour(service)
    for name in ("token-without-key", "token-with-key"):
        assert services(found, name) == (TOKEN,)
        assert found.scenarios[name].scopes == (SCOPE,)
        assert any(made.endswith("Credential") for made in found.scenarios[name].credentials)
    assert services(found, "key") == services(found, "key-ad-false") == (KEY,)
    for name in ("nothing", "ad-false-no-key", "ad-empty-no-key", "direct-no-org", "direct-no-key"):
        assert found.scenarios[name].error


async def test_a_token_passed_as_a_key_is_told_apart(service: Path) -> None:
    credential = "credential = DefaultAzureCredential(); "
    edited(
        service,
        BRANCH.format(token=credential + GET, call="deployment, endpoint, token"),
        top="from azure.identity import DefaultAzureCredential\n",
    )
    (found,) = services(await behaviour(service), "token-without-key")
    assert (found.sign_in, found.as_token) == ("token", False)


async def test_a_token_spoiled_on_its_way_is_not_the_token(service: Path) -> None:
    credential = "credential = DefaultAzureCredential(); "
    edited(
        service,
        BRANCH.format(token=credential + GET, call='deployment, endpoint, "Bearer " + token, ad_auth=True'),
        top="from azure.identity import DefaultAzureCredential\n",
    )
    (found,) = services(await behaviour(service), "token-without-key")
    assert (found.sign_in, found.as_token) == ("other", True)


SEED_CONDITION = (
    'use_azure_ad = os.environ.get("USE_AZURE_AD")\n'
    'if (isinstance(api_key, str) == False or api_key == "")'
    ' and (isinstance(use_azure_ad, str) == False or use_azure_ad == ""):\n'
)


async def test_a_condition_that_takes_any_text_for_true_is_seen_in_the_direct_branch(service: Path) -> None:
    """The original text's condition asks whether USE_AZURE_AD is set, not whether it is true."""
    edited(
        service,
        BRANCH.replace("if use_azure_ad:", 'if str(use_azure_ad).lower() == "true":').format(
            token="credential = DefaultAzureCredential(); " + GET, call=CALL
        ),
        demand=SEED_CONDITION,
        top="from azure.identity import DefaultAzureCredential\n",
    )
    found = await behaviour(service)
    assert services(found, "token-without-key") == (TOKEN,)
    # Not by the condition, but by Semantic Kernel's own: it makes no Azure service without a key.
    assert "cannot be `None` or empty" in found.scenarios["ad-false-no-key"].error


MADE_FOR_THE_FIRST_REQUEST = """
import os
from functools import lru_cache
from typing import Annotated

import semantic_kernel as sk
from azure.identity.aio import DefaultAzureCredential
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, BaseSettings, Field
from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion, OpenAIChatCompletion

class Settings(BaseSettings):
    use_azure_ad: bool = False
    use_azure_openai: bool
    openai_api_key: str | None = None
    openai_org_id: str | None = None
    deployment: str = Field("", env="AZURE_OPENAI_DEPLOYMENT_NAME")
    endpoint: str = Field("", env="AZURE_OPENAI_ENDPOINT")

class Product(BaseModel):
    name: str
    tags: list[str]

@lru_cache
def settings() -> Settings:
    return Settings()

async def kernel(found: Annotated[Settings, Depends(settings)]):
    made = sk.Kernel()
    if found.use_azure_openai and found.use_azure_ad:
        async with DefaultAzureCredential() as credential:
            token = await credential.get_token("https://cognitiveservices.azure.com/.default")
        service = AzureChatCompletion(found.deployment, found.endpoint, token.token, ad_auth=True)
        made.add_chat_service("chat", service)
    elif not found.openai_api_key:
        raise HTTPException(500, "there is no key")
    elif found.use_azure_openai:
        service = AzureChatCompletion(found.deployment, found.endpoint, found.openai_api_key)
        made.add_chat_service("chat", service)
    elif not found.openai_org_id:
        raise HTTPException(500, "there is no organisation")
    else:
        made.add_chat_service("chat", OpenAIChatCompletion("gpt", found.openai_api_key, found.openai_org_id))
    return made

description = APIRouter(prefix="/generate")

@description.post("/description")
async def describe(product: Product, kernel=Depends(kernel)):
    return {"description": ", ".join([product.name, *product.tags])}
"""


async def test_a_service_made_for_the_first_request_is_found_by_making_one(service: Path) -> None:
    rewrite(service, MADE_FOR_THE_FIRST_REQUEST)
    found = await behaviour(service)
    assert services(found, "token-without-key") == services(found, "token-with-key") == (TOKEN,)
    assert services(found, "key") == services(found, "key-ad-false") == (KEY,)
    assert services(found, "direct")[0].kind == "openai"
    # pydantic itself refuses an empty text for a boolean.
    assert "boolean" in found.scenarios["ad-empty-no-key"].error
    for name in ("nothing", "ad-false-no-key", "direct-no-key"):
        assert found.scenarios[name].error == "there is no key"
    assert found.scenarios["direct-no-org"].error == "there is no organisation"


async def test_a_lifespan_in_main_is_entered(service: Path) -> None:
    rewrite(service, "from fastapi import APIRouter\nrouter = APIRouter()\n")
    (service / "main.py").write_text("""
import os
from contextlib import asynccontextmanager

import semantic_kernel as sk
from azure.identity import DefaultAzureCredential
from fastapi import FastAPI
from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion

@asynccontextmanager
async def lifespan(app):
    token = DefaultAzureCredential().get_token("https://cognitiveservices.azure.com/.default").token
    app.state.kernel = sk.Kernel()
    app.state.kernel.add_chat_service("chat", AzureChatCompletion(
        os.environ["AZURE_OPENAI_DEPLOYMENT_NAME"], os.environ["AZURE_OPENAI_ENDPOINT"], token, ad_auth=True,
    ))
    yield

app = FastAPI(lifespan=lifespan)
""")
    assert services(await behaviour(service), "token-without-key") == (TOKEN,)


PROVIDER = """
from azure.identity import DefaultAzureCredential, get_bearer_token_provider
provider = {provider}
service = AzureChatCompletion(deployment_name=deployment, endpoint=endpoint, ad_token_provider=provider)
kernel.add_service(service)
"""


@pytest.mark.parametrize(
    "provider",
    [
        'get_bearer_token_provider(DefaultAzureCredential(), "https://cognitiveservices.azure.com/.default")',
        'lambda: DefaultAzureCredential().get_token("https://cognitiveservices.azure.com/.default").token',
    ],
)
async def test_a_token_provider_counts_where_the_versions_have_one(service: Path, provider: str) -> None:
    edited(service, PROVIDER.format(provider=provider), demand="if False:\n")
    (found,) = services(await behaviour(service, NEWER), "token-without-key")
    assert (found.sign_in, found.as_token) == ("provider", True)


async def test_what_the_pinned_versions_do_not_have_fails_as_it_would_there(service: Path) -> None:
    edited(service, PROVIDER.format(provider="lambda: 'x'"), demand="if False:\n")
    assert "get_bearer_token_provider" in (await behaviour(service)).scenarios["key"].error
    text = (service / "routers" / "description_generator.py").read_text()
    text = text.replace(", get_bearer_token_provider", "")
    rewrite(service, text)
    assert (
        "unexpected keyword argument 'ad_token_provider'" in (await behaviour(service)).scenarios["key"].error
    )


async def test_a_module_that_runs_a_loop_of_its_own_fails_as_under_uvicorn(service: Path) -> None:
    rewrite(service, "import asyncio\nasyncio.run(asyncio.sleep(0))\n")
    found = await behaviour(service)
    assert "running event loop" in found.scenarios["key"].error


HARM = {
    "network": "import socket\nsocket.create_connection(('127.0.0.1', 9), timeout=1)",
    "program": "import subprocess\nsubprocess.run(['touch', 'harm'])",
    "shell": "import os\nos.system('touch harm')",
    "writing": "open('harm', 'w')",
    "deleting": "import os\nos.remove('main.py')",
    "installed packages": "import httpx\nhttpx.get('http://x')\nraise Exception('a stand-in answered')",
}


@pytest.mark.parametrize("kind", HARM)
async def test_probing_does_no_harm(service: Path, kind: str) -> None:
    rewrite(service, HARM[kind] + "\n")
    before = listing(service)
    found = await behaviour(service)
    assert re.search("not while the code is being checked|a stand-in answered", found.scenarios["key"].error)
    assert listing(service) == before


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("def f(:\n", "line 1: invalid syntax"),
        ("x = 1\n  y = 2\n", "line 2: unexpected indent"),
        ("x = '\x00'\n", "null bytes"),
    ],
)
async def test_what_does_not_compile_is_not_run(service: Path, text: str, error: str) -> None:
    rewrite(service, text)
    found = await probe(service, PINNED)
    assert isinstance(found, SourceBehaviour)
    assert error in found.compile_error
    assert found.scenarios == {}


async def test_a_module_that_never_ends_is_ended(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workshop_tui.cloud.source_probe.PROBE_SECONDS", 1.0)
    rewrite(service, "import os\nif 'OPENAI_API_KEY' not in os.environ:\n    while True: pass\n")
    found = await probe(service, PINNED)
    assert isinstance(found, SourceBehaviour)
    scenario = found.scenarios["token-without-key"]
    assert scenario == SourceScenario("token-without-key", "did not finish within 1 seconds")


async def test_exits_and_output_are_told_safely(service: Path) -> None:
    rewrite(
        service,
        'import sys\nprint(\'{"name": "key"}\')\n'
        "sys.exit('\x1b[31mno key=abcdefghijklmnopqrstuvwxyz0123456789')\n",
    )
    found = await behaviour(service)
    assert found.scenarios["key"].error == "no key=[hidden]"


async def test_a_missing_file_is_absent(service: Path) -> None:
    (service / "routers" / "description_generator.py").unlink()
    found = await probe(service, PINNED)
    assert isinstance(found, Absent)
    assert found.cause == "source.incomplete"
