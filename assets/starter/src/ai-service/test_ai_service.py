"""What the service promises, without a key or a network."""

import asyncio
import importlib
import sys

import httpx
import pytest

AZURE = {
    "USE_AZURE_OPENAI": "True",
    "OPENAI_API_KEY": "not-a-real-key",
    "AZURE_OPENAI_DEPLOYMENT_NAME": "chat",
    "AZURE_OPENAI_ENDPOINT": "https://127.0.0.1:9/",
}
NAMES = (*AZURE, "OPENAI_ORG_ID", "USE_AZURE_AD")


@pytest.fixture
def start(monkeypatch):
    def start(**environment):
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        for module in ("main", "routers.description_generator"):
            sys.modules.pop(module, None)
        return importlib.import_module("main").app

    return start


def ask(app, method, path, **request):
    """Send one request straight into the app."""

    async def send():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return await client.request(method, path, **request)

    return asyncio.run(send())


def test_health(start):
    assert ask(start(**AZURE), "GET", "/health").json() == {"status": "ok"}


def test_a_request_without_tags_is_refused(start):
    answer = ask(start(**AZURE), "POST", "/generate/description", json={"name": "Tug rope"})
    assert (answer.status_code, answer.json()) == (400, {"error": "'tags'"})


@pytest.mark.parametrize("value", ["", "yes", "1"])
def test_use_azure_openai_is_true_or_false(start, value):
    with pytest.raises(Exception, match="must be 'True' or 'False'"):
        start(**{**AZURE, "USE_AZURE_OPENAI": value})


def test_openai_itself_needs_an_organisation(start):
    with pytest.raises(Exception, match="OPENAI_ORG_ID"):
        start(USE_AZURE_OPENAI="False", OPENAI_API_KEY="not-a-real-key")
