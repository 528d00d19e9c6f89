"""The Deployment as the workshop wants it, from the learner's own values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.authoring import LABEL, MARK, Deployment, PodSpec, app_container, app_settings

if TYPE_CHECKING:
    from workshop_tui.authoring import ModelDeployment, Names, OpenAIAccount, ServiceAccount

_PORT = 5001
_CPU_LIMIT = "250m"
"""At the text's 30m the app needs more than a minute to start."""
_MEMORY_LIMIT = "128Mi"
"""The app takes 63 MiB of the 65 that the workshop's text allows: two to spare."""


def not_there_yet(names: Names) -> Deployment:
    """Return a Deployment without anything in it, for who deleted theirs: the manifest says all there is."""
    return Deployment(
        namespace=names.namespace,
        name=names.deployment,
        generation=0,
        observed_generation=0,
        wanted=1,
        replicas=0,
        updated=0,
        available=0,
        template=PodSpec(labels={}, annotations={}, service_account="default", containers=()),
    )


def wanted_deployment(
    deployment: Deployment,
    *,
    image: str,
    account: OpenAIAccount,
    model: ModelDeployment,
    service_account: ServiceAccount,
) -> dict[str, Any]:
    """Return the manifest: one container, our image, the label, the ServiceAccount, settings and no key."""
    selector = dict(deployment.selector) or {"app": deployment.name}
    marks = {f"{MARK}/step": "redeploy"}
    settings = app_settings(account, model)
    container = app_container(deployment.template, deployment.name)
    asked = container.setting("AZURE_OPENAI_DEPLOYMENT_NAME") if container else None
    if asked is not None and asked.value.reveal() in model.beside:
        settings["AZURE_OPENAI_DEPLOYMENT_NAME"] = asked.value.reveal()
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": deployment.name, "namespace": deployment.namespace, "annotations": marks},
        "spec": {
            "replicas": max(deployment.wanted, 1),
            "selector": {"matchLabels": selector},
            "template": {
                "metadata": {"labels": {**selector, LABEL: "true"}, "annotations": dict(marks)},
                "spec": {
                    "serviceAccountName": service_account.name,
                    "nodeSelector": {"kubernetes.io/os": "linux"},
                    "containers": [
                        {
                            "name": deployment.name,
                            "image": image,
                            "ports": [{"containerPort": _PORT}],
                            "env": [{"name": name, "value": value} for name, value in settings.items()],
                            # Without it a pod counts as ready before the app listens, and is asked too early.
                            "readinessProbe": {
                                "httpGet": {"path": "/health", "port": _PORT},
                                "periodSeconds": 2,
                            },
                            "resources": {
                                "requests": {"cpu": "20m", "memory": "64Mi"},
                                "limits": {"cpu": _CPU_LIMIT, "memory": _MEMORY_LIMIT},
                            },
                        }
                    ],
                },
            },
        },
    }
