"""A person's hands on the learner's machine: files, the local app, and the registry that it pushed to."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from hands_asking import Document, document, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass
class MachineHands:
    """What one can do here, and with the image that was pushed from here."""

    home: Path
    environment: Mapping[str, str]
    registry: str
    endpoints: Mapping[str, Any] = field(repr=False)

    @property
    def source(self) -> Path:
        """The learner's checkout."""
        return self.home / "aks-store-demo"

    @property
    def service(self) -> Path:
        """The service in it."""
        return self.source / "src" / "ai-service"

    @contextmanager
    def file(self, path: Path, *changes: tuple[str, str]) -> Iterator[None]:
        """Replace texts in a file; each must be there."""
        before = path.read_bytes()
        text = before.decode()
        for old, new in changes:
            assert old in text, f"{old!r} is not in {path}"
            text = text.replace(old, new)
        path.write_text(text)
        yield
        path.write_bytes(before)

    @contextmanager
    def generator(self, *changes: tuple[str, str]) -> Iterator[None]:
        """Replace texts in the description generator."""
        with self.file(self.service / "routers" / "description_generator.py", *changes):
            yield

    @contextmanager
    def gone(self, path: Path) -> Iterator[None]:
        """Have a file or folder moved away."""
        aside = Path(tempfile.mkdtemp(dir=self.home)) / path.name
        path.rename(aside)
        yield
        if not path.exists():
            os.replace(aside, path)  # noqa: PTH105 - Path.replace is the same, but reads as text's

    @contextmanager
    def signed_out(self) -> Iterator[None]:
        """Lose what this machine signs in with."""
        with self.gone(Path(self.endpoints["sign_in"]["token_file"])):
            yield

    @contextmanager
    def other_clone(self) -> Iterator[None]:
        """Have a clone of the source, at a commit that the workshop is not written for."""
        clone = self.home / "clone"
        shutil.copytree(self.source, clone, ignore=shutil.ignore_patterns("__pycache__"))
        (clone / ".workshop-starter").unlink()
        yield
        shutil.rmtree(clone)

    # the app on this machine

    @contextmanager
    def running_here(self, **changes: str) -> Iterator[None]:
        """Run the app by hand as `uvicorn main:app`, with variables as a person may have set them."""
        settings = {
            "USE_AZURE_OPENAI": "True",
            "USE_AZURE_AD": "True",
            "AZURE_OPENAI_DEPLOYMENT_NAME": self.endpoints["deployment_name"],
            "AZURE_OPENAI_ENDPOINT": f"{self.endpoints['openai']}/",
            "AZURE_CLIENT_ID": self.endpoints["sign_in"]["client_id"],
            "AZURE_TENANT_ID": self.endpoints["tenant_id"],
            "AZURE_FEDERATED_TOKEN_FILE": self.endpoints["sign_in"]["token_file"],
            "AZURE_AUTHORITY_HOST": self.endpoints["entra"],
            "SSL_CERT_FILE": self.endpoints["ca_file"],
            "REQUESTS_CA_BUNDLE": self.endpoints["ca_file"],
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        words = ("-m", "uvicorn", "main:app", "--host", "127.0.0.1", "--port", self.port)
        with self._program(words, {**settings, **changes}):
            yield

    @contextmanager
    def something_else_here(self) -> Iterator[None]:
        """Have a server in the service's folder that knows nothing of the app."""
        with self._program(("-m", "http.server", self.port, "--bind", "127.0.0.1"), {}):
            yield

    @property
    def port(self) -> str:
        """The app's port here."""
        return self.environment["LOCAL_PORT"]

    @contextmanager
    def _program(self, words: tuple[str, ...], environment: Mapping[str, str]) -> Iterator[None]:
        (python,) = (self.home / "local-app" / "environments").glob("*/bin/python")
        with subprocess.Popen(
            [str(python), *words],
            cwd=self.service,
            env={**environment, "PATH": self.environment["PATH"]},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                until(self._listens)
                yield
            finally:
                process.terminate()

    def _listens(self) -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", int(self.port))) == 0

    # the image

    @property
    def repository(self) -> str:
        """The learner's own repository, as their settings keep it."""
        text = (self.home / "settings.toml").read_text()
        return text.partition('image_repository = "')[2].partition('"')[0]

    @property
    def image(self) -> str:
        """The learner's image by its tag."""
        return f"{self.registry}/{self.repository}:1h"

    def filled(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return settings with the world's own values put in."""
        known = {"home": self.home, "registry": self.registry, "repository": self.repository}
        return {name: value.format(**known) for name, value in settings.items()}

    def _ask_registry(self, method: str, path: str, **how: Any) -> httpx.Response:
        answer = httpx.request(method, f"http://{self.registry}/v2/{path}", trust_env=False, **how)
        document(answer) if answer.is_error else None
        return answer

    def _manifest(self) -> httpx.Response:
        path = f"{self.repository}/manifests/1h"
        return self._ask_registry("GET", path, headers={"Accept": _MANIFEST})

    def _push_manifest(self, tag: str, body: bytes) -> None:
        path = f"{self.repository}/manifests/{tag}"
        self._ask_registry("PUT", path, content=body, headers={"Content-Type": _MANIFEST})

    def _push_blob(self, content: bytes) -> str:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        begun = self._ask_registry("POST", f"{self.repository}/blobs/uploads/")
        place = str(httpx.URL(f"http://{self.registry}").join(begun.headers["Location"]))
        httpx.put(place, params={"digest": digest}, content=content, trust_env=False).raise_for_status()
        return digest

    def _push_layer(self, name: str, content: bytes) -> Document:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        layer = packed.getvalue()
        media_type = "application/vnd.oci.image.layer.v1.tar+gzip"
        return {"mediaType": media_type, "digest": self._push_blob(layer), "size": len(layer)}

    @contextmanager
    def image_expired(self) -> Iterator[None]:
        """Have the registry delete the image, as it does when its time is over."""
        manifest = self._manifest()
        digest = manifest.headers["Docker-Content-Digest"]
        self._ask_registry("DELETE", f"{self.repository}/manifests/{digest}")
        yield
        self._push_manifest("1h", manifest.content)

    @contextmanager
    def image_replaced(
        self,
        architecture: str = "amd64",
        tag: str = "1h",
        *,
        code: str = "",
        bare: bool = False,
        variable: str = "",
    ) -> Iterator[None]:
        """Push another image under the learner's name: the same files, another configuration, made now.

        `code` is another main.py to put over it; a `bare` one has no code at all. `variable` is one more,
        `NAME=value`, in the image's own environment.
        """
        manifest = self._manifest()
        changed: Document = manifest.json()
        if bare:
            changed["layers"] = [self._push_layer("readme.txt", b"Somebody was here.")]
        if code:
            changed["layers"].append(self._push_layer("app/main.py", code.encode()))
        config = self._ask_registry("GET", f"{self.repository}/blobs/{changed['config']['digest']}").json()
        config.update(architecture=architecture, created=datetime.now(UTC).isoformat())
        if variable:
            config["config"]["Env"] = [*(config["config"].get("Env") or ()), variable]
        body = json.dumps(config).encode()
        changed["config"].update(digest=self._push_blob(body), size=len(body))
        self._push_manifest(tag, json.dumps(changed).encode())
        yield
        if tag == "1h":
            self._push_manifest("1h", manifest.content)
