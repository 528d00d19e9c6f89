"""The pages themselves: short, narrow, honest, and every command block can be pasted as it stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from workshop_tui.pages import blocks, read_page, render
from workshop_tui.tui.fold import fold_commands
from workshop_tui.variables import VARIABLES

ROOT = Path(__file__).parent.parent
PAGES = sorted(ROOT.glob("steps/*/step.md"))
STEPS = 13
MOST_LINES = 60
SHOWN_COLUMNS = 70
"""What a block of code has of a terminal with 80 columns: borders and paddings take the rest."""
MOST_COLUMNS = 80
DRAWN_COLUMNS = 46
"""What the page has room for in a terminal of 120 columns, beside steps and checks."""
FEWEST_HINTS, MOST_HINTS = 2, 4
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"\{\{ ([A-Z][A-Z0-9_]*) \}\}")
KNOWN = frozenset(
    {
        "RG_NAME",
        "SUBSCRIPTION_ID",
        "AKS_NAME",
        "AOAI_NAME",
        "AOAI_RESOURCE_ID",
        "AOAI_ENDPOINT",
        "AOAI_DEPLOYMENT_NAME",
        "MANAGED_IDENTITY_NAME",
        "MANAGED_IDENTITY_CLIENT_ID",
        "MANAGED_IDENTITY_OBJECT_ID",
        "AKS_OIDC_ISSUER",
        "FEDERATED_CRED_NAME",
        "SERVICE_ACCOUNT_NAME",
        "SERVICE_ACCOUNT_NAMESPACE",
        "IMAGE_NAME",
        "REGISTRY",
        "SIGNED_IN_OBJECT_ID",
        "SIGNED_IN_KIND",
        "SOURCE",
        "SHOP_URL",
        "LOCAL_PORT",
    }
)


@dataclass(frozen=True)
class Page:
    """A page, split as the loader splits it."""

    front: dict[str, Any]
    body: str

    @property
    def prose(self) -> list[str]:
        """The lines outside code."""
        return FENCE.sub("", self.body).splitlines()

    def blocks(self, language: str) -> list[str]:
        return [body for name, body in FENCE.findall(self.body) if name == language]


def _read(file: Path) -> Page:
    _, front, body = file.read_text("utf-8").split("---\n", 2)
    return Page(yaml.safe_load(front), body.strip())


every_page = pytest.mark.parametrize("file", PAGES, ids=lambda file: file.parent.name)


def test_there_is_a_page_for_every_step() -> None:
    assert len(PAGES) == STEPS


def test_known_variables_are_those_that_the_guide_fills() -> None:
    filled = (ROOT / "workshop_tui" / "variables.py").read_text("utf-8")
    assert not [name for name in KNOWN if f'"{name}"' not in filled]


@every_page
def test_front_matter_is_whole(file: Path) -> None:
    front = _read(file).front
    assert set(front) == {"title", "minutes", "summary", "why", "hints", "further"}
    for name in ("title", "summary", "why"):
        assert front[name].strip()
        assert "\n" not in front[name]
    for name in ("summary", "why"):
        assert front[name].endswith(".")
        assert not re.search(r"\.\s+[A-Z]", front[name]), f"{name} is one sentence"
    assert 1 <= front["minutes"] <= MOST_COLUMNS
    assert FEWEST_HINTS <= len(front["hints"]) <= MOST_HINTS
    assert all(isinstance(hint, str) for hint in front["hints"])


@every_page
def test_the_guide_reads_the_page(file: Path) -> None:
    page = read_page(file, VARIABLES)
    assert page.title
    assert page.further, "every step has something to read further"
    filled = render(page.markdown, dict.fromkeys(KNOWN, "value"))
    assert not re.search(r"\{\{ ?[A-Z]", filled)


@every_page
def test_commands_fit_80_columns_so_that_they_can_be_copied_from_the_screen(file: Path) -> None:
    filled = render(_read(file).body, dict.fromkeys(KNOWN, "myAKSCluster"))
    shown = fold_commands(filled, SHOWN_COLUMNS)
    assert not [
        line for block in blocks(shown, "bash") for line in block.splitlines() if len(line) > SHOWN_COLUMNS
    ], "the screen would wrap it, and a backslash that stands alone ends the command"


@every_page
def test_page_is_short_and_narrow(file: Path) -> None:
    page = _read(file)
    assert len(page.body.splitlines()) <= MOST_LINES
    wide = [
        line
        for line in page.prose
        if len(PLACEHOLDER.sub("", re.sub(r"\]\(https:[^)]*\)", "]", line))) > MOST_COLUMNS
    ]
    assert not wide
    drawings = [line for block in page.blocks("text") for line in block.splitlines()]
    assert all(len(line) <= DRAWN_COLUMNS for line in drawings)


@every_page
def test_fences_are_closed_and_named(file: Path) -> None:
    body = _read(file).body
    assert body.count("```") == 2 * len(FENCE.findall(body))
    assert {language for language, _ in FENCE.findall(body)} <= {"bash", "python", "text"}


@every_page
def test_variables_are_known(file: Path) -> None:
    text = file.read_text("utf-8")
    assert set(PLACEHOLDER.findall(text)) <= KNOWN
    strangers = re.findall(r"\{\{[^}]*[A-Z]{2}[^}]*\}\}", PLACEHOLDER.sub("", text))
    assert not strangers


@every_page
@pytest.mark.parametrize("filled", [True, False], ids=["values", "unknown"])
def test_commands_parse(file: Path, *, filled: bool) -> None:
    """With the learner's values in them, and with `$NAME` where a value is not known yet."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    for block in _read(file).blocks("bash"):
        script = PLACEHOLDER.sub(lambda match: "rg-of (me).1" if filled else f"${match[1]}", block)
        answer = subprocess.run([bash, "-n"], input=script, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr


@every_page
def test_commands_quote_the_learners_values(file: Path) -> None:
    """A resource group may be called `shop (test)`: outside quotes that would be three words.

    Inside a heredoc there is nothing to quote for the shell; and names of Kubernetes objects hold no blanks.
    """
    for block in _read(file).blocks("bash"):
        shell = re.sub(r"(<<EOF\n).*?^EOF$", r"\1", block, flags=re.MULTILINE | re.DOTALL)
        for match in PLACEHOLDER.finditer(shell):
            before = shell[: match.start()].rsplit("\n", 1)[-1]
            assert re.sub(r"\\.|\"\$\(", "", before).count('"') % 2 == 1, f"unquoted: {before}{match[0]}"


@every_page
def test_python_parses(file: Path) -> None:
    for block in _read(file).blocks("python"):
        indented = block.startswith(" ")
        compile(f"if True:\n{block}" if indented else block, str(file), "exec")


@every_page
def test_links_are_https(file: Path) -> None:
    page = _read(file)
    addresses = re.findall(r"\]\(([^)]*)\)", page.body) + [link["url"] for link in page.front["further"]]
    assert all(address.startswith("https://") for address in addresses)
    assert all(set(link) == {"title", "url"} for link in page.front["further"])


def test_the_old_product_name_is_said_once() -> None:
    said = [
        file.parent.name
        for file in PAGES
        for _ in re.findall(r"Azure\s+AD\b|Azure Active Directory|\bAAD\b", file.read_text("utf-8"))
    ]
    assert said == ["exposed_key"]


@every_page
def test_page_gives_no_secret_to_a_process_list(file: Path) -> None:
    """A key in a command's arguments can be read by everybody on the machine."""
    for block in _read(file).blocks("bash"):
        assert not re.search(r"(?<!printf 'header = \")(api-key|Authorization): ?\$", block)
        assert "OPENAI_API_KEY=" not in block


@every_page
def test_endless_commands_say_how_to_end_them(file: Path) -> None:
    page = _read(file)
    endless = [
        line
        for block in page.blocks("bash")
        for line in block.splitlines()
        if re.search(r"uvicorn|kubectl get .* (-w|--watch)\b|kubectl logs .*(-f|--follow)\b", line)
        and "venv" not in line
    ]
    assert not endless or "Ctrl+C" in page.body


RECORDER = """#!/bin/sh
# Writes down how it was called and what it was given, and answers with what the test prepared.
printf '%s %s\\n' "$(basename "$0")" "$*" >> "$RECORD/calls"
case "$*" in
  *"identity show"*) echo 11111111-2222-3333-4444-555555555555 ;;
  *"image inspect"*) printf 'other/app@sha256:aaaa\\nttl.sh/app@sha256:bbbb\\n' ;;
  *"apply -f -"*) cat > "$RECORD/manifest" ;;
esac
"""


def _applied(step: str, tmp_path: Path, values: dict[str, str]) -> tuple[Any, str]:
    """Run the page's block that applies a manifest; return the manifest and the calls.

    `az`, `kubectl` and `docker` are recorders here: what is tested is what the shell makes of the block.
    """
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    for name in ("az", "kubectl", "docker"):
        program = tmp_path / name
        program.write_text(RECORDER, encoding="utf-8")
        program.chmod(0o755)
    block = next(body for body in _read(ROOT / "steps" / step / "step.md").blocks("bash") if "<<EOF" in body)
    script = PLACEHOLDER.sub(lambda match: values.get(match[1], f"${match[1]}"), block)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "RECORD": str(tmp_path)}
    subprocess.run([bash, "-euo", "pipefail", "-c", script], env=environment, check=True, capture_output=True)
    manifest = yaml.safe_load((tmp_path / "manifest").read_text("utf-8"))
    return manifest, (tmp_path / "calls").read_text("utf-8")


def test_service_account_page_applies_the_annotated_account(tmp_path: Path) -> None:
    values = {
        "RG_NAME": "shop (test)",
        "MANAGED_IDENTITY_NAME": "myIdentity",
        "SERVICE_ACCOUNT_NAME": "ai-service-account",
        "SERVICE_ACCOUNT_NAMESPACE": "default",
    }
    manifest, calls = _applied("service_account", tmp_path, values)
    assert manifest["metadata"] == {
        "name": "ai-service-account",
        "namespace": "default",
        "annotations": {"azure.workload.identity/client-id": "11111111-2222-3333-4444-555555555555"},
    }
    assert "identity create" not in calls


def test_redeploy_page_applies_the_deployment_without_a_key(tmp_path: Path) -> None:
    values = {
        "IMAGE_NAME": "ttl.sh/app:1h",
        "SERVICE_ACCOUNT_NAME": "ai-service-account",
        "SERVICE_ACCOUNT_NAMESPACE": "default",
        "AOAI_DEPLOYMENT_NAME": "gpt-35-turbo",
        "AOAI_ENDPOINT": "https://shop.openai.azure.com/",
    }
    manifest, _ = _applied("redeploy", tmp_path, values)
    template = manifest["spec"]["template"]
    assert template["metadata"]["labels"] == {"app": "ai-service", "azure.workload.identity/use": "true"}
    assert template["spec"]["serviceAccountName"] == "ai-service-account"
    (container,) = template["spec"]["containers"]
    assert container["name"] == "ai-service"
    assert container["image"] == "ttl.sh/app@sha256:bbbb"
    assert container["resources"]["limits"]["memory"] == "128Mi"
    assert {item["name"]: item["value"] for item in container["env"]} == {
        "USE_AZURE_OPENAI": "True",
        "USE_AZURE_AD": "True",
        "AZURE_OPENAI_DEPLOYMENT_NAME": "gpt-35-turbo",
        "AZURE_OPENAI_ENDPOINT": "https://shop.openai.azure.com/",
    }
