"""What cases of several files change in a finished workshop."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    CONTAINER,
    CREDENTIAL,
    INJECTED,
    KEY,
    NOW,
    SETTINGS,
    but,
    pod_environment,
    variable,
)

from workshop_tui.authoring import (
    Condition,
    Deployment,
    Pods,
    Sightings,
)

NO_PODS: dict[type, object] = {Pods: Pods(())}
OLD = replace(CONTAINER, name="order-service", image="ghcr.io/azure-samples/aks-store-demo/ai-service:latest")
EXPOSED = variable("OPENAI_API_KEY", KEY)
ROLLING = but(Deployment, updated=1, available=1, replicas=2)
STUCK = but(
    Deployment,
    updated=1,
    available=1,
    replicas=2,
    conditions=(Condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing"),),
)
YOUNG: dict[type, object] = {Sightings: Sightings({CREDENTIAL.sighting: NOW - timedelta(seconds=30)})}
SUBJECT_REFUSED = (
    "azure.core.exceptions.ClientAuthenticationError: AADSTS700213: No matching"
    " federated identity record found"
    " for presented assertion subject 'system:serviceaccount:default:ai-service-account'."
)
KEY_IN_POD = pod_environment(variable("OPENAI_API_KEY", "0123456789abcdef0123456789abcdef"))


def without(name: str) -> dict[type, object]:
    return pod_environment(*SETTINGS, *(item for item in INJECTED if item.name != name))
