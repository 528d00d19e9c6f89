"""A learner who goes another way than the pages, and lets half of it be done, finds it all adopted."""

from __future__ import annotations

from pathlib import Path

import pytest
from learner import MODULE, SERVICE, Terminal, workshop_tui

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

IN_AZURE = """
az aks get-credentials -g "$RG_NAME" -n "$AKS_NAME"
GROUP=$(az group show -n "$RG_NAME" --query id -o tsv)
az role assignment create -o none --assignee "$SIGNED_IN_OBJECT_ID" \\
  --role "Cognitive Services OpenAI Contributor" --scope "$GROUP"
az aks update -o none -g "$RG_NAME" -n "$AKS_NAME" --enable-oidc-issuer
az aks update -o none -g "$RG_NAME" -n "$AKS_NAME" --enable-workload-identity
az identity create -o none -g "$RG_NAME" -n shop-writer
WRITER=$(az identity show -g "$RG_NAME" -n shop-writer --query clientId -o tsv)
az role assignment create -o none --role "Cognitive Services OpenAI User" --scope "$AOAI_RESOURCE_ID" \\
  --assignee "$WRITER"
az identity federated-credential create -o none -g "$RG_NAME" --identity-name shop-writer -n cluster \\
  --issuer "$(az aks show -g "$RG_NAME" -n "$AKS_NAME" --query oidcIssuerProfile.issuerUrl -o tsv)" \\
  --subject system:serviceaccount:default:writer
"""
IN_THE_CLUSTER = """
kubectl create serviceaccount writer
kubectl annotate serviceaccount writer "azure.workload.identity/client-id=$WRITER"
cd "$SOURCE/src/ai-service"
docker build --quiet --tag "$REGISTRY/by-hand/writer:2h" .
docker push --quiet "$REGISTRY/by-hand/writer:2h"
kubectl set image deployment/ai-service "order-service=$REGISTRY/by-hand/writer:2h"
kubectl set serviceaccount deployment ai-service writer
kubectl set env deployment/ai-service OPENAI_API_KEY- USE_AZURE_AD=true
kubectl set resources deployment ai-service --limits=memory=200Mi,cpu=250m
kubectl patch deployment ai-service --patch \\
  '{"spec": {"template": {"metadata": {"labels": {"azure.workload.identity/use": "true"}}}}}'
kubectl rollout status deployment/ai-service --timeout=2m
"""
WHAT_IS_THERE = """
az identity list -g "$RG_NAME" --query "[].name" -o tsv
az identity federated-credential list -g "$RG_NAME" --identity-name shop-writer --query "[].name" -o tsv
kubectl get serviceaccounts,deployments -o name
kubectl get deployment ai-service -o jsonpath='{.spec.template.spec.containers[*].name}{"\\n"}'
"""
OWN_SWITCH = """\
options = {}
if os.getenv("USE_AZURE_AD", "no").lower() in ("true", "yes"):
    ask = get_bearer_token_provider(DefaultAzureCredential(), "https://cognitiveservices.azure.com/.default")
    api_key, options = ask(), {"ad_auth": True}
elif not api_key:
    raise SystemExit("OPENAI_API_KEY is needed")
"""


def edit_in_a_style_of_ones_own(folder: Path) -> None:
    with (folder / SERVICE / "requirements.txt").open("a", encoding="utf-8") as file:
        file.write("azure-identity>=1.15\n")
    text = (folder / SERVICE / MODULE).read_text("utf-8")
    start = text.index("if not api_key:")
    end = text.index("if use_azure_openai", start)
    text = f"{text[:start]}{OWN_SWITCH}{text[end:]}"
    text = text.replace(
        "AzureChatCompletion(deployment, endpoint, api_key)",
        "AzureChatCompletion(deployment, endpoint, api_key, **options)",
    )
    imported = "from azure.identity import DefaultAzureCredential, get_bearer_token_provider\n"
    (folder / SERVICE / MODULE).write_text(text.replace("import os\n", f"import os\n{imported}", 1), "utf-8")


async def test_another_way_and_half_of_it_done_for_them(by_hand: dict[str, str]) -> None:
    """Names, role, code and commands of their own: all is adopted, and what is solved after doubles none."""

    def solve(*steps: str) -> str:
        done = workshop_tui(by_hand, "solve", *steps)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    solve("--until", "get-code")
    edit_in_a_style_of_ones_own(Path(by_hand["WORKSHOP_TUI_HOME"]) / "aks-store-demo")
    with Terminal(by_hand) as terminal:
        with pytest.raises(AssertionError, match="failed: false"):  # no command's failure goes unseen
            terminal.run("false\ntrue\n")
        terminal.run(IN_AZURE, seconds=120)
        solve("run-locally")
        terminal.run(IN_THE_CLUSTER, seconds=120)
        status = workshop_tui(by_hand, "status").stdout
        assert [line for line in status.splitlines() if not line.startswith(" ✔")][1:2] == [
            " ✘ 13 · Bonus: lock the door behind you: failed (bonus)"
        ], status
        before = terminal.run(WHAT_IS_THERE)
        assert solve("--bonus").count("is so already") == 12
        assert terminal.run(WHAT_IS_THERE) == before
    assert "Every step has passed." in workshop_tui(by_hand, "status").stdout
