"""What the tests of the practice cloud share: the learner's REST access, and an issuer of their own."""

from __future__ import annotations

import base64
import json
import shutil
import ssl
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.practice import client
from workshop_tui.practice.certificates import open_authority
from workshop_tui.practice.signing import SigningKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AUDIENCE = "api://AzureADTokenExchange"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
API_VERSIONS = {
    "microsoft.managedidentity": "2023-01-31",
    "microsoft.authorization": "2022-04-01",
    "microsoft.containerservice": "2025-08-01",
    "microsoft.cognitiveservices": "2025-06-01",
}


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.05)


@dataclass
class SignedIn:
    """The learner's REST access to ARM and to Entra ID."""

    cloud: client.Endpoints
    http: httpx.Client
    tokens: dict[str, str] = field(default_factory=dict)

    def token_answer(self, **form: str) -> httpx.Response:
        """POST a form to the token endpoint; what it leaves out is the learner's sign-in by secret."""
        sign_in = self.cloud["sign_in"]
        whole = {
            "grant_type": "client_credentials",
            "client_id": sign_in["client_id"],
            "scope": f"{self.cloud.arm}/.default",
            **form,
        }
        if "client_assertion" not in whole:
            whole.setdefault("client_secret", sign_in["client_secret"])
        tenant = whole.pop("tenant", self.cloud["tenant_id"])
        return self.http.post(f"{self.cloud['entra']}/{tenant}/oauth2/v2.0/token", data=whole)

    def token(self, resource: str = "") -> str:
        """Return an access token for a resource (ARM when none is named)."""
        resource = resource or self.cloud.arm
        if resource not in self.tokens:
            answer = self.token_answer(scope=f"{resource}/.default")
            self.tokens[resource] = answer.raise_for_status().json()["access_token"]
        return self.tokens[resource]

    def call(self, method: str, path: str, body: Any = None, **query: str) -> httpx.Response:
        """Call ARM with the api-version of the path's provider."""
        provider = path.lower().rpartition("/providers/")[2].partition("/")[0]
        version = API_VERSIONS.get(provider, "2024-11-01")
        return self.http.request(
            method,
            f"{self.cloud.arm}{path}",
            params={"api-version": version, **query},
            headers={"Authorization": f"Bearer {self.token()}"},
            content=None if body is None else json.dumps(body),
        )

    @property
    def subscription(self) -> str:
        """The subscription's path."""
        return f"/subscriptions/{self.cloud['subscription_id']}"

    @property
    def group(self) -> str:
        """The seeded resource group's path."""
        return f"{self.subscription}/resourceGroups/{self.cloud['resource_group']}"

    @property
    def account(self) -> str:
        """The seeded Azure OpenAI account's path."""
        return f"{self.group}/providers/Microsoft.CognitiveServices/accounts/{self.cloud['account_name']}"

    @property
    def cluster(self) -> str:
        """The seeded cluster's path."""
        return (
            f"{self.group}/providers/Microsoft.ContainerService/managedClusters/{self.cloud['cluster_name']}"
        )

    def identity_path(self, name: str) -> str:
        """Return the path of a managed identity."""
        return f"{self.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"

    def make_identity(self, name: str) -> dict[str, str]:
        """Make a managed identity and return its properties."""
        answer = self.call("PUT", self.identity_path(name), {"location": "eastus"})
        properties: dict[str, str] = answer.raise_for_status().json()["properties"]
        return properties

    def trust(
        self, identity: str, issuer: str, subject: str, audience: str = AUDIENCE, name: str = "fed"
    ) -> None:
        """Write a federated credential and wait until sign-in sees it."""
        path = f"{self.identity_path(identity)}/federatedIdentityCredentials/{name}"
        properties = {"issuer": issuer, "subject": subject, "audiences": [audience]}
        self.call("PUT", path, {"properties": properties}).raise_for_status()
        time.sleep(self.cloud["credential_seconds"] / self.cloud["time_scale"])

    def assign(self, scope: str, principal: str, role: str, name: str | None = None) -> httpx.Response:
        """Assign a role to a service principal."""
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name or uuid.uuid4()}"
        definition = f"{self.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        properties = {
            "roleDefinitionId": definition,
            "principalId": principal,
            "principalType": "ServicePrincipal",
        }
        return self.call("PUT", path, {"properties": properties})


@dataclass
class Issuer:
    """An OIDC issuer of the tests' own, on a real HTTPS address."""

    url: str
    key: SigningKey
    document: dict[str, Any]
    asked: list[str]

    def assertion(
        self, subject: str, claims: dict[str, Any] | None = None, *, key: SigningKey | None = None
    ) -> str:
        """Return an assertion for the subject; `claims` replace what it would carry."""
        now = int(time.time())
        whole = {"iss": self.url, "sub": subject, "aud": AUDIENCE, "iat": now, "nbf": now, "exp": now + 3600}
        return (key or self.key).sign({**whole, **(claims or {})})


@contextmanager
def serving_issuer(authority_folder: Path, key_folder: Path) -> Iterator[Issuer]:
    """Serve an issuer with a certificate of the practice cloud's authority."""
    key = SigningKey.load(key_folder, "issuer")
    asked: list[str] = []
    documents: dict[str, Any] = {"/keys": {"keys": [key.published()]}}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = json.dumps(documents.get(self.path, {})).encode()
            self.send_response(200 if self.path in documents else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*open_authority(authority_folder).server_files())
    server.socket = context.wrap_socket(server.socket, server_side=True)
    url = f"https://localhost:{server.server_address[1]}/"
    documents["/.well-known/openid-configuration"] = {"issuer": url, "jwks_uri": f"{url}keys"}
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Issuer(url, key, documents, asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_kubeconfig(learner: SignedIn, folder: Path) -> Path:
    """Write the kubeconfig that ARM hands out to a file."""
    answer = learner.call("POST", f"{learner.cluster}/listClusterUserCredential").json()
    file = folder / "kubeconfig"
    file.write_bytes(base64.b64decode(answer["kubeconfigs"][0]["value"]))
    return file


def kubectl_program() -> str | None:
    """The real kubectl 1.32 where it lies on PATH or beside a dispatcher of that name, else any kubectl."""
    found = shutil.which("kubectl")
    folders = [None, str(Path(found).resolve().parent)] if found else [None]
    exact = (shutil.which("kubectl.1.32", path=folder) for folder in folders)
    return next(filter(None, exact), found)


@contextmanager
def signed_in(folder: Path) -> Iterator[SignedIn]:
    """A practice cloud of the test's own, and the learner's access to it."""
    try:
        cloud = client.start(folder, time_scale=30)
        trust = ssl.create_default_context(cafile=str(cloud.ca_file))
        with httpx.Client(verify=trust, trust_env=False) as http:
            yield SignedIn(cloud, http)
    finally:
        client.stop(folder)
