"""The cluster put together: API server, controllers, node, and what ARM may do with it."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.practice.cluster import webhook
from workshop_tui.practice.cluster.api.app import create_api
from workshop_tui.practice.cluster.api.context import Api
from workshop_tui.practice.cluster.balancing import Balancer
from workshop_tui.practice.cluster.controllers.cleaning import GarbageCollector, Namespaces
from workshop_tui.practice.cluster.controllers.deployments import Deployments
from workshop_tui.practice.cluster.controllers.endpoints import Endpoints
from workshop_tui.practice.cluster.controllers.load_balancers import LoadBalancers
from workshop_tui.practice.cluster.controllers.loop import ControlLoop
from workshop_tui.practice.cluster.controllers.replica_sets import ReplicaSets
from workshop_tui.practice.cluster.controllers.scheduler import Scheduler
from workshop_tui.practice.cluster.events import Events
from workshop_tui.practice.cluster.identity import Authenticator
from workshop_tui.practice.cluster.issuer import create_issuer
from workshop_tui.practice.cluster.kubeconfig import user_kubeconfig
from workshop_tui.practice.cluster.kubelet import create_kubelet
from workshop_tui.practice.cluster.objects import Objects
from workshop_tui.practice.cluster.ports import Features
from workshop_tui.practice.cluster.resources import resource_of_kind
from workshop_tui.practice.cluster.router import Router
from workshop_tui.practice.cluster.seed import seed_store, seed_system
from workshop_tui.practice.cluster.seed.node import NAME as NODE_NAME
from workshop_tui.practice.cluster.seed.webhook import DEPLOYMENT, NAMESPACE, webhook_manifests
from workshop_tui.practice.cluster.shop import create_shop
from workshop_tui.practice.cluster.shop.entrance import Entrance
from workshop_tui.practice.cluster.tokens import create_token_issuer, issuer_url
from workshop_tui.practice.cluster.writing import Writer
from workshop_tui.practice.power import Power

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

    from workshop_tui.practice.cluster.controllers.loop import Controller
    from workshop_tui.practice.cluster.ports import EventRecorder, ObjectStore, PodRuntime, TokenIssuer
    from workshop_tui.practice.context import Practice

    CreateRuntime = Callable[[Practice, ObjectStore, EventRecorder, TokenIssuer, str], PodRuntime]

_FEATURES = ("cluster", "features")
_SEEDED = ("cluster", "seeded")
_SHOP_SERVICE = ("default", "store-admin")


class Cluster:
    """One practice cluster; also the ClusterControl that ARM holds.

    Attributes:
        api_app: the Kubernetes API server, to be served over TLS.
        issuer_app: the OIDC issuer's documents, to be served over TLS.
        shop_app: the store-admin site, over plain HTTP.
        power: whether its machines are on; the API server is to be reached only then.

    """

    def __init__(
        self,
        practice: Practice,
        *,
        authority: object = None,  # noqa: ARG002 - callers sign in by token; the signature is the process's
        create_runtime: CreateRuntime = create_kubelet,
    ) -> None:
        """Load the cluster of this practice cloud, and make what every cluster has if it is new."""
        self._practice = practice
        self.power = Power()
        self._features = _read_features(practice)
        self._objects = Objects(practice.store, practice.clock)
        events = Events(self._objects, practice.clock)
        tokens = create_token_issuer(practice, self._objects, self.read_features)
        self._webhook = webhook.Webhook(
            objects=self._objects,
            tenant_id=practice.names.tenant_id,
            authority_host=f"{practice.addresses.entra}/",
            version=practice.options.webhook_layout,
        )
        self._writer = Writer(self._objects, self._webhook, self.read_features)
        self._runtime = create_runtime(practice, self._objects, events, tokens, NODE_NAME)
        router = Router(self._objects, self._runtime)
        self._balancer = Balancer(practice.store, router)
        self._authenticator = Authenticator(practice.store, tokens)
        self._proxy_client = httpx.AsyncClient(trust_env=False, follow_redirects=False)
        namespaces = Namespaces(self._objects, practice.ca_file)
        self._loop = ControlLoop(self._objects, self._controllers(namespaces, events))
        api = Api(
            clock=practice.clock,
            objects=self._objects,
            writer=self._writer,
            authenticator=self._authenticator,
            tokens=tokens,
            runtime=self._runtime,
            router=router,
            proxy_client=self._proxy_client,
        )
        self.api_app: Starlette = create_api(api)
        self.issuer_app: Starlette = create_issuer(practice, tokens, self.read_features)
        self.shop_app: Starlette = create_shop(practice, self._objects, router)
        self.shop_app.add_middleware(Entrance, router=router)
        seed_system(self._objects, self._writer, namespaces)

    def _controllers(self, namespaces: Namespaces, events: Events) -> tuple[Controller, ...]:
        objects, clock = self._objects, self._practice.clock
        sites = {_SHOP_SERVICE: self._practice.addresses.shop}
        return (
            namespaces,
            GarbageCollector(objects),
            Deployments(objects, self._writer, events, clock),
            ReplicaSets(objects, self._writer, events, clock),
            Scheduler(objects, events, clock),
            Endpoints(objects),
            LoadBalancers(objects, events, self._balancer, sites),
        )

    @property
    def issuer_url(self) -> str:
        """The OIDC issuer's URL, trailing slash included, whether it is enabled or not."""
        return issuer_url(self._practice)

    async def run(self) -> None:
        """Run controllers and node until cancelled, while the power is on; then end every watch."""
        try:
            while True:
                await self.power.wait(on=True)
                await self._run_while_on()
        finally:
            self._objects.history.close()
            await self._proxy_client.aclose()

    async def _run_while_on(self) -> None:
        async with asyncio.TaskGroup() as group:
            work = (
                group.create_task(self._loop.run(), name="controllers"),
                group.create_task(self._runtime.run(), name="kubelet"),
                group.create_task(self._balancer.run(), name="load balancer"),
            )
            await self.power.wait(on=False)
            for each in work:
                each.cancel()

    def seed(self, openai_endpoint: str, api_key: str) -> None:
        """Apply the store's manifests, once in the life of a practice cloud."""
        with self._practice.store.transaction():
            if self._practice.store.read(*_SEEDED):
                return
            seed_store(
                self._objects,
                self._writer,
                endpoint=openai_endpoint,
                deployment=self._practice.names.deployment_name,
                api_key=api_key,
            )
            self._practice.store.write(*_SEEDED, {"done": True})

    def read_features(self) -> Features:
        """Return what is turned on."""
        return self._features

    def apply_features(self, *, oidc_issuer: bool, workload_identity: bool) -> None:
        """Turn the published issuer and the webhook on or off; effective at once."""
        self._features = Features(oidc_issuer=oidc_issuer, workload_identity=workload_identity)
        document = {"oidc_issuer": oidc_issuer, "workload_identity": workload_identity}
        with self._practice.store.transaction():
            self._practice.store.write(*_FEATURES, document)
            self._show_webhook()

    def apply_power(self, *, on: bool) -> None:
        """Turn the machines on or off: nothing runs and nobody answers meanwhile; what is stored stays."""
        self.power.turn(on=on)

    def _show_webhook(self) -> None:
        """Create or delete what one can see of the webhook in the cluster."""
        configuration = webhook.configuration(base64.b64encode(self._practice.ca_file.read_bytes()).decode())
        shown: list[dict[str, Any]] = webhook_manifests(self._practice.options.webhook_layout)
        for manifest in shown:
            resource = resource_of_kind(manifest["apiVersion"], manifest["kind"])
            name = manifest["metadata"]["name"]
            there = resource is not None and self._objects.find(resource.name, NAMESPACE, name) is not None
            if resource and self._features.workload_identity and not there:
                self._writer.create(resource, NAMESPACE, manifest)
        place = ("mutatingwebhookconfigurations", "", configuration["metadata"]["name"])
        if self._features.workload_identity:
            if not self._objects.find(*place):
                self._objects.create(place[0], configuration)
            return
        for gone in (place, ("deployments", NAMESPACE, DEPLOYMENT), ("services", NAMESPACE, webhook.SERVICE)):
            if self._objects.find(*gone):
                self._objects.delete(*gone)

    def user_kubeconfig(self) -> str:
        """Return a kubeconfig (YAML) for the cluster user, as listClusterUserCredential hands it out."""
        return user_kubeconfig(self._practice, self._authenticator.admin_token)


def _read_features(practice: Practice) -> Features:
    stored = practice.store.read(*_FEATURES) or {}
    return Features(
        oidc_issuer=bool(stored.get("oidc_issuer")),
        workload_identity=bool(stored.get("workload_identity")),
    )
