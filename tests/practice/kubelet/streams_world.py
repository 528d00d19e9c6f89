"""A pod that runs as a real process in a practice cloud, and every kubectl of this machine to talk to it."""

from __future__ import annotations

import asyncio
import base64
import fcntl
import json
import os
import pty
import re
import select
import selectors
import shutil
import signal
import struct
import subprocess
import termios
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml
from clients import say
from kubelet_world import layer_of, push

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from practice_world import SignedIn

VERSIONS = ("1.29", "1.30", "1.31", "1.32", "1.33")
PORTS = (5001, 5003)
"""Where the app listens; nothing does on NOBODY."""
NOBODY = 5009
TOKEN = "/var/run/secrets/azure/tokens/azure-identity-token"

APP = """
import http.server, sys, threading
class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        print("asked for", self.path, flush=True)
        print("on stderr", file=sys.stderr, flush=True)
        number = self.path.rpartition("/")[2]
        self.answer(b"x" * int(number) if number else b"port %d" % self.server.asked_for)
    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))
    def log_message(self, *_):
        pass
def serve(port):
    server = http.server.ThreadingHTTPServer(("0.0.0.0", port), App)
    server.asked_for = port
    server.serve_forever()
threading.Thread(target=serve, args=(5003,), daemon=True).start()
serve(5001)
"""

MANIFEST = """
apiVersion: v1
kind: ServiceAccount
metadata: {{name: streams}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: streams}}
spec:
  selector: {{matchLabels: {{app: streams}}}}
  template:
    metadata: {{labels: {{app: streams}}}}
    spec:
      serviceAccountName: streams
      terminationGracePeriodSeconds: 1
      containers:
      - name: app
        image: {image}
        ports: [{{containerPort: 5001}}]
        env:
        - {{name: AZURE_CLIENT_ID, value: my-client}}
        - {{name: AZURE_FEDERATED_TOKEN_FILE, value: {token}}}
        volumeMounts:
        - {{name: azure-identity-token, mountPath: /var/run/secrets/azure/tokens, readOnly: true}}
      volumes:
      - name: azure-identity-token
        projected:
          sources:
          - serviceAccountToken: {{audience: "api://AzureADTokenExchange", path: azure-identity-token}}
---
apiVersion: v1
kind: Service
metadata: {{name: streams}}
spec:
  selector: {{app: streams}}
  ports: [{{port: 80, targetPort: 5001}}]
"""


def kubectl_programs() -> dict[str, str]:
    """Return the real kubectl of each version that lies beside the one on PATH."""
    found = shutil.which("kubectl")
    if found is None:
        return {}
    folder = Path(found).resolve().parent
    programs = {version: folder / f"kubectl.{version}" for version in VERSIONS}
    return {version: str(program) for version, program in programs.items() if program.exists()}


@dataclass(frozen=True)
class StreamsWorld:
    """The Deployment `streams` with one ready pod."""

    environment: dict[str, str]
    kubeconfig: Path
    programs: dict[str, str]
    pod: str
    image: str

    def kubectl(self, version: str, *arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
        """Run one kubectl; return exit code, standard output and error."""
        say(f"kubectl {version}", arguments[0])
        done = subprocess.run(
            [self.programs[version], *arguments],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            env=self.environment,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def exec(self, version: str, *command: str, target: str = "deploy/streams") -> tuple[int, str, str]:
        """Run a command in the pod."""
        return self.kubectl(version, "exec", target, "--", *command)

    def on_terminal(self, version: str, *command: str) -> Terminal:
        """Run a command in the pod as `kubectl exec -it` on a terminal of the test's."""
        say(f"kubectl {version}", "exec -it")
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [self.programs[version], "exec", "-it", self.pod, "--", *command],
            env=self.environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        return Terminal(process, ours)

    def run_pod(self, name: str, **spec: Any) -> None:
        """Run another pod with the same image."""
        container = {"name": "app", "image": self.image, **spec.pop("container", {})}
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {"containers": [container], "terminationGracePeriodSeconds": 1} | spec,
        }
        version = next(iter(self.programs))
        assert self.kubectl(version, "apply", "-f", "-", stdin=json.dumps(pod).encode())[0] == 0

    @contextmanager
    def forwarding(self, version: str, *arguments: str) -> Iterator[Forwarding]:
        """Forward ports; the local ones are free ones."""
        say(f"kubectl {version}", "port-forward")
        command = [self.programs[version], "port-forward", *arguments]
        with subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                yield Forwarding(process, arguments)
            finally:
                process.kill()

    @contextmanager
    def attached(self, version: str) -> Iterator[Attached]:
        """Attach to the pod."""
        say(f"kubectl {version}", "attach")
        command = [self.programs[version], "attach", self.pod]
        with subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                yield Attached(process)
            finally:
                process.kill()

    def access(self) -> tuple[str, str, str]:
        """Return the API server's address, the administrator's token and the authority's file."""
        config = yaml.safe_load(self.kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        authority = self.kubeconfig.with_name("authority.pem")
        authority.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
        return cluster["server"], user["token"], str(authority)


class Terminal:
    """A program on a terminal of ours."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self._shown = ""

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def until(self, text: str, seconds: float = 20) -> str:
        """Return what is shown up to and with the text."""
        end = time.monotonic() + seconds
        while text not in self._shown:
            assert select.select([self._descriptor], [], [], max(0.0, end - time.monotonic()))[0], self._shown
            self._shown += os.read(self._descriptor, 65536).decode()
        before, _, self._shown = self._shown.partition(text)
        return before + text

    def end(self) -> int:
        """Return the exit code."""
        code = self.process.wait(20)
        os.close(self._descriptor)
        return code


class Attached:
    """A kubectl attach that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def lines_after(self, poke: Callable[[], object]) -> list[str]:
        """Return the first line it prints; `poke` makes the container print one, and is repeated until then.

        Nothing tells when kubectl is attached, and what was printed before is not shown.
        """
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            for _ in range(60):
                poke()
                if selector.select(timeout=0.3):
                    return [self._process.stdout.readline()]
        raise AssertionError("nothing was printed")


class Forwarding:
    """A kubectl port-forward that runs."""

    def __init__(self, process: subprocess.Popen[str], arguments: tuple[str, ...]) -> None:
        self.process = process
        assert process.stdout is not None
        self.local: dict[int, int] = {}
        wanted = sum(":" in argument for argument in arguments)
        while len(self.local) < wanted:
            line = process.stdout.readline()
            found = re.match(r"Forwarding from 127\.0\.0\.1:(\d+) -> (\d+)", line)
            assert found or line, process.stderr.read() if process.stderr else ""
            if found:
                self.local[int(found[2])] = int(found[1])

    def ask(self, port: int = 5001, path: str = "/", body: bytes | None = None) -> bytes:
        """Send one request over a connection of its own; return the answer's body."""
        with closing(HTTPConnection("127.0.0.1", self.local[port], timeout=30)) as connection:
            connection.request("GET" if body is None else "POST", path, body)
            return connection.getresponse().read()

    def words_until(self, text: str) -> str:
        """Return what it says on standard error up to the line with the text."""
        assert self.process.stderr is not None
        told = ""
        while text not in told:
            line = self.process.stderr.readline()
            assert line, told
            told += line
        return told

    def last_words(self) -> str:
        """Return what it says on standard error until it ends."""
        assert self.process.stderr is not None
        return self.process.stderr.read()


@contextmanager
def streams_world(learner: SignedIn, folder: Path) -> Iterator[StreamsWorld]:
    """Push the app, deploy it, and wait until it is ready."""
    answer = learner.call("POST", f"{learner.cluster}/listClusterUserCredential").json()
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_bytes(base64.b64decode(answer["kubeconfigs"][0]["value"]))
    programs = kubectl_programs()
    environment = os.environ | {"KUBECONFIG": str(kubeconfig), "KUBECACHEDIR": str(folder / "cache")}
    image = asyncio.run(_push(learner.cloud["registry"]))
    world = StreamsWorld(environment, kubeconfig, programs, "", image)
    version = next(iter(programs))
    manifest = MANIFEST.format(image=image, token=TOKEN).encode()
    assert world.kubectl(version, "apply", "-f", "-", stdin=manifest)[0] == 0
    told = world.kubectl(version, "rollout", "status", "deploy/streams", "--timeout=40s")
    assert told[0] == 0, told
    listed = json.loads(world.kubectl(version, "get", "pods", "-l", "app=streams", "-o", "json")[1])
    try:
        yield StreamsWorld(environment, kubeconfig, programs, listed["items"][0]["metadata"]["name"], image)
    finally:
        world.kubectl(version, "delete", "deploy,svc,sa", "streams", "--wait=false")


async def _push(registry: str) -> str:
    async with httpx.AsyncClient(base_url=f"http://{registry}", trust_env=False) as client:
        return await push(client, [layer_of({"app/main.py": APP, "app/notes.txt": "in the image\n"})])
