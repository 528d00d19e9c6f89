"""kubectl rollout, scale and set: how a Deployment comes to a new state, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_programs import Kubectl

    InNamespace = Callable[..., str]

DONE = 'deployment "web" successfully rolled out\n'


@pytest.fixture
def web(kubectl: Kubectl, namespace: str) -> InNamespace:
    """Runs kubectl in a namespace with a Deployment called web."""

    def run(*arguments: str, fails: bool = False) -> str:
        return kubectl("-n", namespace, *arguments, fails=fails)

    run("create", "deployment", "web", "--image=one", "--port=80")
    assert run("rollout", "status", "deploy/web", "--timeout=30s").endswith(DONE)
    return run


def image(web: InNamespace) -> str:
    return web("get", "deploy", "web", "-o", "jsonpath={..image}")


def test_back_to_an_earlier_revision(web: InNamespace) -> None:
    assert web("set", "image", "deploy/web", "one=two") == "deployment.apps/web image updated\n"
    web("annotate", "deploy/web", "kubernetes.io/change-cause=two is newer")
    web("set", "image", "deploy/web", "*=three")
    assert web("rollout", "status", "deploy/web", "--timeout=30s").endswith(DONE)
    rows = [row.split(None, 1) for row in web("rollout", "history", "deploy/web").splitlines() if row][2:]
    assert [number for number, _ in rows] == ["1", "2", "3"]
    assert rows[0][1].strip() == "<none>"
    detail = web("rollout", "history", "deploy/web", "--revision=2")
    assert detail.startswith("deployment.apps/web with revision #2\n")
    assert "    Image:\ttwo\n" in detail
    assert web("rollout", "undo", "deploy/web") == "deployment.apps/web rolled back\n"
    assert image(web) == "two"
    web("rollout", "status", "deploy/web", "--timeout=30s")
    web("rollout", "undo", "deploy/web", "--to-revision=1")
    assert image(web) == "one"
    web("rollout", "status", "deploy/web", "--timeout=30s")
    numbers = [row.split()[0] for row in web("rollout", "history", "deploy/web").splitlines()[2:] if row]
    assert numbers == ["3", "4", "5"]
    same = web("rollout", "undo", "deploy/web", "--to-revision=5")
    assert same == "deployment.apps/web skipped rollback (current template already matches revision 5)\n"
    gone = web("rollout", "undo", "deploy/web", "--to-revision=1", fails=True)
    assert gone == "error: unable to find specified revision 1 in history\n"
    assert web("rollout", "history", "deploy/web", "--revision=77", fails=True) == (
        "error: unable to find the specified revision\n"
    )


def test_restart_pause_and_resume(web: InNamespace) -> None:
    pods = ("get", "pods", "-o", "name")
    before = web(*pods)
    assert web("rollout", "restart", "deploy/web") == "deployment.apps/web restarted\n"
    assert web("rollout", "status", "deploy/web", "--timeout=30s").endswith(DONE)
    web("wait", "--for=delete", before.strip(), "--timeout=30s")
    assert web(*pods) != before
    assert web("rollout", "pause", "deploy/web") == "deployment.apps/web paused\n"
    assert "already paused" in web("rollout", "pause", "deploy/web", fails=True)
    assert "can't restart paused deployment" in web("rollout", "restart", "deploy/web", fails=True)
    assert "cannot rollback a paused deployment" in web("rollout", "undo", "deploy/web", fails=True)
    web("set", "image", "deploy/web", "one=two")
    waiting = web("rollout", "status", "deploy/web", "--watch=false")
    assert waiting.startswith('Waiting for deployment "web" rollout to finish: 0 out of 1 new replicas')
    conditions = web("describe", "deploy", "web")
    assert "Progressing    Unknown  DeploymentPaused" in conditions
    assert web("rollout", "resume", "deploy/web") == "deployment.apps/web resumed\n"
    assert web("rollout", "status", "deploy/web", "--timeout=30s").endswith(DONE)
    assert "is not paused" in web("rollout", "resume", "deploy/web", fails=True)


def test_scale(web: InNamespace) -> None:
    assert web("scale", "deploy/web", "--replicas=3") == "deployment.apps/web scaled\n"
    assert web("rollout", "status", "deploy/web", "--timeout=30s").endswith(DONE)
    assert web("get", "deploy", "web", "--no-headers").split()[:4] == ["web", "3/3", "3", "3"]
    assert web("scale", "deploy/web", "--replicas=1", "--current-replicas=2", fails=True) == (
        "error: Expected replicas to be 2, was 3\n"
    )
    web("scale", "deploy/web", "--replicas=0")
    web("wait", "--for=delete", "pod", "-l", "app=web", "--timeout=30s")
    assert web("get", "deploy", "web", "--no-headers").split()[1] == "0/0"


def test_set(web: InNamespace) -> None:
    web("create", "cm", "settings", "--from-literal=KEY=value")
    web("create", "sa", "worker")
    assert web("set", "env", "deploy/web", "A=1", "B=2") == "deployment.apps/web env updated\n"
    web("set", "env", "deploy/web", "A-")
    web("set", "env", "deploy/web", "--from=configmap/settings")
    listed = web("set", "env", "deploy/web", "--list")
    assert listed == "# Deployment web, container one\nB=2\n# KEY from configmap settings, key KEY\n"
    web("set", "serviceaccount", "deploy/web", "worker")
    web("set", "resources", "deploy/web", "--limits=cpu=100m,memory=64Mi")
    shown = web("get", "deploy", "web", "-o", "jsonpath={..serviceAccountName} {..resources.limits.memory}")
    assert shown == "worker 64Mi"
    assert web("set", "image", "deploy/web", "nope=two", fails=True) == (
        'error: unable to find container named "nope"\n'
    )
