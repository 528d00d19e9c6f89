"""The pet store of the AKS quickstart, as data: what runs, under which names, with which settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.ports import Object

_REGISTRY = "ghcr.io/azure-samples/aks-store-demo"


@dataclass(frozen=True, slots=True)
class _Part:
    """One service of the store; `container` where it is called otherwise than the service."""

    name: str
    port: int
    cpu: tuple[str, str]
    memory: tuple[str, str]
    settings: tuple[tuple[str, str], ...] = ()
    public: bool = False
    container: str = ""
    image: str = ""


def _queue(prefix: str) -> tuple[tuple[str, str], ...]:
    """Return the settings of the services that meet at the order queue."""
    return ((f"{prefix}USERNAME", "username"), (f"{prefix}PASSWORD", "password"), (f"{prefix}NAME", "orders"))


_PARTS = (
    _Part(
        "rabbitmq",
        5672,
        ("10m", "250m"),
        ("128Mi", "256Mi"),
        (("RABBITMQ_DEFAULT_USER", "username"), ("RABBITMQ_DEFAULT_PASS", "password")),
        image="mcr.microsoft.com/mirror/docker/library/rabbitmq:3.10-management-alpine",
    ),
    _Part(
        "order-service",
        3000,
        ("1m", "75m"),
        ("50Mi", "128Mi"),
        (("ORDER_QUEUE_HOSTNAME", "rabbitmq"), ("ORDER_QUEUE_PORT", "5672"), *_queue("ORDER_QUEUE_")),
    ),
    _Part(
        "makeline-service",
        3001,
        ("1m", "5m"),
        ("6Mi", "20Mi"),
        (("ORDER_QUEUE_URI", "amqp://rabbitmq:5672"), *_queue("ORDER_QUEUE_")),
    ),
    _Part(
        "product-service",
        3002,
        ("1m", "2m"),
        ("1Mi", "20Mi"),
        (("AI_SERVICE_URL", "http://ai-service:5001/"),),
    ),
    _Part(
        "store-front",
        8080,
        ("1m", "1000m"),
        ("200Mi", "512Mi"),
        (
            ("VUE_APP_ORDER_SERVICE_URL", "http://order-service:3000/"),
            ("VUE_APP_PRODUCT_SERVICE_URL", "http://product-service:3002/"),
        ),
        public=True,
    ),
    _Part(
        "store-admin",
        8081,
        ("1m", "1000m"),
        ("200Mi", "512Mi"),
        (
            ("VUE_APP_PRODUCT_SERVICE_URL", "http://product-service:3002/"),
            ("VUE_APP_MAKELINE_SERVICE_URL", "http://makeline-service:3001/"),
        ),
        public=True,
    ),
)


def store_manifests(*, endpoint: str, deployment: str, api_key: str) -> Iterator[Object]:
    """Yield the store's Deployments and Services; the AI service reads its key from its environment."""
    ai_settings = (
        ("USE_AZURE_OPENAI", "True"),
        ("AZURE_OPENAI_DEPLOYMENT_NAME", deployment),
        ("AZURE_OPENAI_ENDPOINT", endpoint),
        ("OPENAI_API_KEY", api_key),
    )
    ai_service = _Part(
        "ai-service", 5001, ("20m", "30m"), ("50Mi", "65Mi"), ai_settings, container="order-service"
    )
    for part in (*_PARTS, ai_service):
        yield _deployment(part)
        yield _service(part)


def _deployment(part: _Part) -> Object:
    labels = {"app": part.name}
    container: dict[str, Any] = {
        "name": part.container or part.name,
        "image": part.image or f"{_REGISTRY}/{part.name}:latest",
        "ports": [{"containerPort": part.port}],
        "env": [{"name": name, "value": value} for name, value in part.settings],
        "resources": {
            "requests": {"cpu": part.cpu[0], "memory": part.memory[0]},
            "limits": {"cpu": part.cpu[1], "memory": part.memory[1]},
        },
    }
    pod = {"nodeSelector": {"kubernetes.io/os": "linux"}, "containers": [container]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": part.name},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def _service(part: _Part) -> Object:
    selector = {"app": part.name}
    if part.public:
        spec = {
            "type": "LoadBalancer",
            "ports": [{"port": 80, "targetPort": part.port}],
            "selector": selector,
        }
    else:
        port = {"name": "http", "port": part.port, "targetPort": part.port}
        spec = {"type": "ClusterIP", "ports": [port], "selector": selector}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": part.name}, "spec": spec}
