"""The edit of the service's code on many styles of it, each run for real afterwards."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING

import pytest
from steps_world import CODE, FINISHED

from workshop_tui.authoring import SourceBehaviour
from workshop_tui.cloud.source_probe import probe
from workshop_tui.facts.engine import Facts
from workshop_tui.findings import Verdict
from workshop_tui.guide_judging import judge
from workshop_tui.workshop import find_bundled

if TYPE_CHECKING:
    from pathlib import Path

_package = CODE["edit-code"].checks[0].judge.__module__
_transform = importlib.import_module(f"{_package}.transform")
sign_in_with_identity = _transform.sign_in_with_identity
UneditableError = _transform.UneditableError
require_identity = importlib.import_module(f"{_package}.requirements").require_identity

CALL = 'kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))'
HEAD = """\
import os
import semantic_kernel as sk
from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion, OpenAIChatCompletion

kernel = sk.Kernel()
"""
AZURE = """\
deployment = os.environ.get("AZURE_OPENAI_DEPLOYMENT_NAME")
endpoint = os.environ.get("AZURE_OPENAI_ENDPOINT")
"""
DIRECT = """\
if os.environ.get("USE_AZURE_OPENAI", "").lower() == "false":
    org_id = os.environ.get("OPENAI_ORG_ID")
    if not org_id:
        raise ValueError("OPENAI_ORG_ID must be set")
    kernel.add_chat_service("dv", OpenAIChatCompletion("gpt-3.5-turbo", api_key, org_id))
else:
"""


def _indented(text: str, by: str = "    ") -> str:
    return "".join(f"{by}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


PLAIN = (
    HEAD
    + 'api_key = os.environ.get("OPENAI_API_KEY")\n'
    + 'if not api_key:\n    raise ValueError("OPENAI_API_KEY must be set")\n'
    + DIRECT
    + _indented(AZURE + 'kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))\n')
)
KEYWORDS = PLAIN.replace(
    "AzureChatCompletion(deployment, endpoint, api_key)",
    "AzureChatCompletion(\n        deployment_name=deployment,\n        endpoint=endpoint,\n"
    "        api_key=api_key,\n    )",
)
STYLES = {
    "the starter's": (
        find_bundled() / "assets/starter/src/ai-service/routers/description_generator.py"
    ).read_text(encoding="utf-8"),
    "plain": PLAIN,
    "keyword arguments on lines of their own": KEYWORDS,
    "annotated, isinstance, camel case": PLAIN.replace("api_key = os", "api_key: str = os").replace(
        "if not api_key:", 'if isinstance(api_key, str) == False or api_key == "":'
    ),
    "getenv": PLAIN.replace('os.environ.get("OPENAI_API_KEY")', "os.getenv('OPENAI_API_KEY', '')"),
    "environ by index": PLAIN.replace('os.environ.get("OPENAI_API_KEY")', 'os.environ["OPENAI_API_KEY"]'),
    "another name for the key": PLAIN.replace("api_key", "secret"),
    "key never demanded": PLAIN.replace(
        'if not api_key:\n    raise ValueError("OPENAI_API_KEY must be set")\n', ""
    ),
    "tabs and CRLF": PLAIN.replace("    ", "\t").replace("\n", "\r\n"),
    "docstring and future": '"""Words."""\n\nfrom __future__ import annotations\n\n' + PLAIN,
    "result kept in a name": PLAIN.replace(
        'kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))',
        "service = AzureChatCompletion(deployment, endpoint, api_key)\n"
        '    kernel.add_chat_service("dv", service)',
    ),
    "no newline at the end": PLAIN.rstrip("\n"),
}
BY_HAND = {
    "the text's own edit, which lets False through": PLAIN.replace(
        HEAD, "from azure.identity import DefaultAzureCredential\n" + HEAD
    )
    .replace('"OPENAI_API_KEY")\n', '"OPENAI_API_KEY")\nuseAzureAD: str = os.environ.get("USE_AZURE_AD")\n')
    .replace(
        "if not api_key:",
        'if (isinstance(api_key, str) == False or api_key == "") and'
        ' (isinstance(useAzureAD, str) == False or useAzureAD == ""):',
    )
    .replace(
        '    kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))\n',
        '    if isinstance(useAzureAD, str) == True and useAzureAD.lower() == "true":\n'
        '        print("with Entra ID")\n'
        "        credential = DefaultAzureCredential()\n"
        '        access_token = credential.get_token("https://cognitiveservices.azure.com/.default")\n'
        '        kernel.add_chat_service("dv", AzureChatCompletion(deployment_name=deployment,'
        " endpoint=endpoint, api_key=access_token.token, ad_auth=True))\n"
        "    else:\n"
        '        print("with a key")\n'
        '        kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))\n',
    ),
    "only the import": "from azure.identity import DefaultAzureCredential\n" + PLAIN,
    "only the switch": PLAIN.replace(
        'api_key = os.environ.get("OPENAI_API_KEY")\n',
        'api_key = os.environ.get("OPENAI_API_KEY")\n'
        'use_ad = os.environ.get("USE_AZURE_AD", "").lower() == "true"\n',
    ),
    "the key no more demanded": PLAIN.replace(
        'if not api_key:\n    raise ValueError("OPENAI_API_KEY must be set")\n',
        'useAzureAD = os.environ.get("USE_AZURE_AD")\n',
    ),
    "the token without the key's branch": PLAIN.replace(
        '    kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))\n',
        "    credential = DefaultAzureCredential()\n"
        '    token = credential.get_token("https://cognitiveservices.azure.com/.default")\n'
        + f"    {CALL}\n".replace("api_key", "token.token, ad_auth=True"),
    ),
    "a branch on any text at all": PLAIN.replace(
        '"OPENAI_API_KEY")\n', '"OPENAI_API_KEY")\nad = os.environ["USE_AZURE_AD"]\n'
    ).replace(
        '    kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))\n',
        "    if ad:\n" + f"        {CALL}\n".replace("api_key", '"x", ad_auth=True') + "    else:\n"
        '        kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))\n',
    ),
}
BEYOND = {
    "not Python": ("def (:\n", "not valid Python"),
    "no key": (PLAIN.replace("OPENAI_API_KEY", "SOMETHING"), "nothing reads OPENAI_API_KEY"),
    "no chat service": (PLAIN.replace("AzureChatCompletion(", "make("), "nothing makes AzureChatCompletion"),
    "two chat services": (
        PLAIN + 'kernel.add_chat_service("b", AzureChatCompletion("d", "e", api_key))\n',
        "2 statements make",
    ),
    "a compound condition": (
        PLAIN.replace("if not api_key:", "if not api_key or not kernel:"),
        "also looks at",
    ),
    "the key read twice": (PLAIN + 'again = os.environ.get("OPENAI_API_KEY")\n', "read in 2 places"),
    "the switch's name taken": (
        PLAIN.replace("if not api_key:", "use_azure_ad = False\nif not api_key:"),
        "use_azure_ad is set, but not from USE_AZURE_AD",
    ),
    "unpacked arguments": (
        PLAIN.replace("(deployment, endpoint, api_key)", "(*[deployment, endpoint, api_key])"),
        "unpacked arguments",
    ),
    "a line that would be lost": (
        PLAIN.replace(
            '    kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))\n',
            '    if os.environ.get("USE_AZURE_AD"):\n        kernel.mine = 1\n'
            '        kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))\n',
        ),
        "kernel.mine = 1",
    ),
}


async def _findings(folder: Path, text: str) -> dict[str, Verdict]:
    routers = folder / "routers"
    routers.mkdir(parents=True, exist_ok=True)
    (routers / "__init__.py").touch()
    (routers / "description_generator.py").write_bytes(text.encode())
    behaviour = await probe(folder, None)
    assert isinstance(behaviour, SourceBehaviour)
    async with Facts({**FINISHED, SourceBehaviour: behaviour}, {}) as facts:
        return {check.id: (await judge(facts, check)).verdict for check in CODE["edit-code"].checks}


@pytest.mark.parametrize("name", STYLES | BY_HAND)
async def test_the_edit_makes_every_style_right(name: str, tmp_path: Path) -> None:
    before = (STYLES | BY_HAND)[name]
    assert Verdict.FAILED in (await _findings(tmp_path, before)).values()
    after = sign_in_with_identity(before)
    assert set((await _findings(tmp_path, after)).values()) == {Verdict.PASSED}, after


@pytest.mark.parametrize("name", STYLES | BY_HAND)
def test_editing_twice_is_editing_once(name: str) -> None:
    after = sign_in_with_identity((STYLES | BY_HAND)[name])
    assert sign_in_with_identity(after) == after


@pytest.mark.parametrize("name", STYLES)
def test_lines_that_are_not_concerned_stay_to_the_letter(name: str) -> None:
    before, after = STYLES[name], sign_in_with_identity(STYLES[name])
    kept = {line.strip() for line in before.splitlines() if "api_key" not in line and "secret" not in line}
    assert kept <= {line.strip() for line in after.splitlines()}
    assert ("\r\n" in after) == ("\r\n" in before)


@pytest.mark.parametrize("name", BEYOND)
def test_what_is_beyond_it_is_said_and_left_alone(name: str) -> None:
    text, reason = BEYOND[name]
    with pytest.raises(UneditableError, match=re.escape(reason)) as refused:
        sign_in_with_identity(text)
    assert refused.value.by_hand


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fastapi==0.95.2\nhttpx\n", "fastapi==0.95.2\nhttpx\nazure.identity==1.14.0\n"),
        ("fastapi==0.95.2", "fastapi==0.95.2\nazure.identity==1.14.0\n"),
        ("a\r\nb", "a\r\nb\r\nazure.identity==1.14.0\r\n"),
        ("", "azure.identity==1.14.0\n"),
        ("Azure_Identity>=1.15 # mine\nb", "Azure_Identity>=1.15 # mine\nb"),
        ("azure-identity\n", "azure-identity\n"),
        ("# azure-identity\n", "# azure-identity\nazure.identity==1.14.0\n"),
        ("azure-identity==1.5.0\nb\n", "azure.identity==1.14.0\nb\n"),
    ],
)
def test_requirements_gain_the_library_once(before: str, after: str) -> None:
    assert require_identity(before) == after
    assert require_identity(after) == after
