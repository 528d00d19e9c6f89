"""What can be wrong on the learner's machine and with the image made there, and what is right differently."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from breakages import Breakage, Harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from breaking_hands import Hands

_IF_KEY = 'if not api_key and str(use_azure_ad).lower() != "true":'
_CREDENTIAL = "credential = DefaultAzureCredential()"
_TOKEN_CALL = "AzureChatCompletion(deployment, endpoint, access_token.token, ad_auth=True)"
_KEY_CALL = "AzureChatCompletion(deployment, endpoint, api_key)"
_SWITCH = 'use_azure_ad = os.environ.get("USE_AZURE_AD")'
_STEPS = ("edit-code",)


def _code(*changes: tuple[str, str]) -> Callable[[Hands], AbstractContextManager[None]]:
    return lambda hands: hands.generator(*changes)


def _all_code(cause: str, *but: str) -> dict[str, str]:
    """Return every check of the code's behaviour with one cause."""
    checks = (
        *("credential-imported", "directory-switch-read", "key-demanded"),
        *("token-reaches-service", "key-branch-works", "direct-branch-works"),
    )
    return {f"edit-code/{check}": cause for check in checks if check not in but}


@contextmanager
def _without_pods(hands: Hands, broken: AbstractContextManager[None]) -> Iterator[None]:
    """Break something while no pod of the app runs."""
    with hands.deployment(lambda live: live["spec"].update(replicas=0)):
        hands.settled()
        with broken:
            yield


BREAKAGES = (
    Breakage(
        "the kubeconfig does not know the cluster",
        {"exposed-key/kubectl-ready": "cluster.no-kubeconfig"},
        lambda hands: hands.gone(hands.home / "practice" / "kubeconfig"),
        solve=("exposed-key",),
    ),
    Breakage(
        "the source is gone",
        {
            "get-code/checkout": "source.missing",
            "get-code/commit": "source.missing",
            "get-code/service-complete": "source.missing",
        },
        lambda hands: hands.gone(hands.source),
        says="aks-store-demo",
    ),
    Breakage(
        "the clone is at another commit",
        {"get-code/commit": "source.wrong-commit"},
        lambda hands: hands.other_clone(),
        settings={"SOURCE": "{home}/clone"},
    ),
    Breakage(
        "a file of the service is missing",
        {"get-code/service-complete": "source.incomplete"},
        lambda hands: hands.gone(hands.service / "main.py"),
        says="main.py",
        solve=("get-code",),
    ),
    Breakage(
        "nobody is signed in",
        {
            "grant-yourself/signed-in": "sign-in.missing",
            "grant-yourself/role": "sign-in.missing",
            "grant-yourself/token-accepted": "sign-in.missing",
        },
        lambda hands: hands.signed_out(),
        anew=True,
    ),
    Breakage(
        "the code does not compile",
        {"edit-code/compiles": "code.syntax-error", **_all_code("code.syntax-error")},
        _code((_IF_KEY, _IF_KEY.removesuffix(":"))),
        says="line",
    ),
    Breakage(
        "azure-identity is not required",
        {"edit-code/identity-required": "code.identity-not-required"},
        lambda hands: hands.file(hands.service / "requirements.txt", ("azure.identity==1.14.0", "")),
        may=frozenset(_all_code("")),
        solve=("edit-code",),
    ),
    Breakage(
        "azure-identity is too old",
        {"edit-code/identity-required": "code.identity-too-old"},
        lambda hands: hands.file(
            hands.service / "requirements.txt", ("azure.identity==1.14.0", "azure-identity==1.10.0")
        ),
    ),
    Breakage(
        "the import is forgotten",
        {
            "edit-code/credential-imported": "code.credential-not-imported",
            "edit-code/token-reaches-service": "code.token-not-passed",
        },
        _code(("from azure.identity import DefaultAzureCredential\n", "")),
        solve=("edit-code",),
    ),
    Breakage(
        "a credential that does not work in pods",
        {"edit-code/credential-imported": "code.credential-unsuitable"},
        _code(("DefaultAzureCredential", "AzureCliCredential")),
        says="AzureCliCredential",
    ),
    Breakage(
        "USE_AZURE_AD is not read",
        {
            "edit-code/directory-switch-read": "code.switch-not-read",
            "edit-code/credential-imported": "code.credential-not-imported",
            "edit-code/token-reaches-service": "code.key-still-demanded",
        },
        _code((_SWITCH, 'use_azure_ad = os.environ.get("USE_AZURE_ENTRA")')),
    ),
    Breakage(
        "no key is demanded where it is needed",
        {"edit-code/key-demanded": "code.key-not-demanded"},
        _code((f'{_IF_KEY}\n    raise Exception("OPENAI_API_KEY is missing from the environment")\n', "")),
        may=frozenset({"edit-code/direct-branch-works"}),
        solve=("edit-code",),
    ),
    Breakage(
        "the key is demanded with an identity, too",
        {"edit-code/token-reaches-service": "code.key-still-demanded"},
        _code((_IF_KEY, "if not api_key:")),
        may=frozenset({"edit-code/credential-imported"}),
        solve=("edit-code",),
    ),
    Breakage(
        "the key is passed in the token's place",
        {"edit-code/token-reaches-service": "code.token-not-passed"},
        _code((_TOKEN_CALL, _KEY_CALL)),
    ),
    Breakage(
        "the token is passed as if it were a key",
        {"edit-code/token-reaches-service": "code.token-not-marked"},
        _code((", ad_auth=True", "")),
    ),
    Breakage(
        "the token is for another service",
        {"edit-code/token-reaches-service": "code.wrong-token-scope"},
        _code(("https://cognitiveservices.azure.com/.default", "https://management.azure.com/.default")),
        says="management.azure.com",
    ),
    Breakage(
        "the key does not work any more",
        {"edit-code/key-branch-works": "code.key-branch-broken"},
        _code((_KEY_CALL, "AzureChatCompletion(deployment, endpoint, key)")),
    ),
    Breakage(
        "OpenAI without Azure does not work any more",
        {"edit-code/direct-branch-works": "code.direct-branch-broken"},
        _code(("    if not org_id:", "    if False:")),
        says="OPENAI_ORG_ID",
    ),
    Breakage(
        "the code was changed after it was run and pushed",
        {
            "run-locally/healthy": "local.stale",
            "run-locally/describes": "local.stale",
            "run-locally/no-key": "local.stale",
            "build-push/image-available": "image.stale",
        },
        _code(('tags=["generate"]', 'tags=["descriptions"]')),
        root=("local.stale", "image.stale"),
    ),
    Breakage(
        "the app runs here with a key",
        {"run-locally/no-key": "local.key-present"},
        lambda hands: hands.running_here(OPENAI_API_KEY="sk-abcdefghijklmnopqrstuvwxyz123456"),
        waits=True,
    ),
    Breakage(
        "the app runs here, but asks for a model that is not there",
        {"run-locally/describes": "local.no-description"},
        lambda hands: hands.running_here(AZURE_OPENAI_DEPLOYMENT_NAME="nothing"),
        waits=True,
        says="DeploymentNotFound",
    ),
    Breakage(
        "what runs here in the service's folder is not well",
        {"run-locally/healthy": "local.unhealthy", "run-locally/describes": "local.no-description"},
        lambda hands: hands.something_else_here(),
        waits=True,
    ),
    Breakage(
        "the image has expired, and no pod runs it",
        {
            f"build-push/{check}": "image.expired"
            for check in ("image-available", "platform", "digest-known", "time-left")
        },
        lambda hands: _without_pods(hands, hands.image_expired()),
        root=("image.expired", "app.scaled-to-zero"),
        waits=True,
        solve=("build-push", "redeploy"),
    ),
    Breakage(
        "the image was replaced by one for other machines",
        {"build-push/platform": "image.wrong-platform"},
        lambda hands: hands.image_replaced("arm64"),
        root=("image.wrong-platform",),
        says="linux/arm64",
    ),
    Breakage(
        "an image that tells nothing of its code was pushed over it",
        {"build-push/digest-known": "image.replaced"},
        lambda hands: hands.image_replaced(bare=True),
    ),
    Breakage(
        "an image of other code was pushed over it by hand",
        {"build-push/image-available": "image.stale"},
        lambda hands: hands.image_replaced(code="print('another app')\n"),
        says="made of other source",
    ),
    Breakage(
        "the image has hardly any time left",
        {"build-push/time-left": "image.expiring"},
        lambda hands: hands.image_replaced("amd64", tag="1m"),
        root=("image.expiring", "pod.wrong-image"),
        settings={"IMAGE_NAME": "{registry}/{repository}:1m"},
        may=frozenset({"build-push/digest-known"}),
    ),
    Breakage(
        "nothing was pushed under this name",
        {
            f"build-push/{check}": "image.missing"
            for check in ("image-available", "platform", "digest-known", "time-left")
        },
        lambda hands: _without_pods(hands, hands.nothing()),
        root=("image.missing", "app.scaled-to-zero", "pod.wrong-image"),
        settings={"IMAGE_NAME": "{registry}/nobody/nothing:1h"},
        waits=True,
    ),
)

HARMLESS = (
    Harmless(
        "the image was pushed again by hand, of the same source",
        ("build-push", "redeploy"),
        lambda hands: hands.image_replaced(),
    ),
    Harmless(
        "the image has expired, but a ready pod runs it",
        ("build-push", "redeploy"),
        lambda hands: hands.image_expired(),
    ),
    Harmless(
        "the token taken in another way",
        _STEPS,
        _code(
            (
                'access_token = credential.get_token("https://cognitiveservices.azure.com/.default")',
                'token = credential.get_token("https://cognitiveservices.azure.com/.default").token',
            ),
            (_TOKEN_CALL, "AzureChatCompletion(deployment, endpoint, token, ad_auth=True)"),
        ),
    ),
    Harmless(
        "another credential that works in pods",
        _STEPS,
        _code(("DefaultAzureCredential", "WorkloadIdentityCredential")),
    ),
    Harmless(
        "the library imported as a whole",
        _STEPS,
        _code(
            ("from azure.identity import DefaultAzureCredential", "import azure.identity as identity"),
            (_CREDENTIAL, "credential = identity.DefaultAzureCredential()"),
        ),
    ),
    Harmless(
        "the switch read as a truth value",
        _STEPS,
        _code(
            (_SWITCH, 'use_azure_ad = os.getenv("USE_AZURE_AD", "").lower() in ("true", "1", "yes")'),
            (_IF_KEY, "if not (api_key or use_azure_ad):"),
            ('if str(use_azure_ad).lower() == "true":', "if use_azure_ad:"),
        ),
    ),
)
