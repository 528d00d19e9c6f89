"""Clients of a practice cloud that is killed: how they sign in, and what they remember."""

from __future__ import annotations

import base64
import itertools
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import yaml
from kill_world import ABSENT, Cell, Cloud, KilledError

if TYPE_CHECKING:
    import httpx

SETTLE_SECONDS = 30.0


class Access:
    """Signs in once; its tokens are to be good for as long as they say, whatever happens to the process."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.arm: dict[str, str] = {}
        self.graph: dict[str, str] = {}
        self.kubernetes: dict[str, str] = {}

    async def sign_in(self, http: httpx.AsyncClient) -> None:
        self.arm = await self._token(http, self.cloud["arm"])
        self.graph = await self._token(http, self.cloud["graph"])
        path = (
            f"{self.group}/providers/Microsoft.ContainerService/managedClusters/{self.cloud['cluster_name']}"
        )
        answer = await self.call(http, "POST", f"{path}/listClusterUserCredential", version="2025-08-01")
        kubeconfig = yaml.safe_load(base64.b64decode(answer.json()["kubeconfigs"][0]["value"]))
        self.kubernetes = {"Authorization": f"Bearer {kubeconfig['users'][0]['user']['token']}"}

    async def _token(self, http: httpx.AsyncClient, resource: str) -> dict[str, str]:
        sign_in = self.cloud["sign_in"]
        form = {
            "grant_type": "client_credentials",
            "client_id": sign_in["client_id"],
            "client_secret": sign_in["client_secret"],
            "scope": f"{resource}/.default",
        }
        path = f"/{self.cloud['tenant_id']}/oauth2/v2.0/token"
        answer = await self.cloud.send(http, "entra", "POST", path, data=form)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    @property
    def group(self) -> str:
        return f"/subscriptions/{self.cloud['subscription_id']}/resourceGroups/{self.cloud['resource_group']}"

    async def call(
        self, http: httpx.AsyncClient, method: str, path: str, body: Any = None, version: str = "2023-01-31"
    ) -> httpx.Response:
        """Call ARM."""
        how = {} if body is None else {"json": body}
        if "api-version" not in path:
            how["params"] = {"api-version": version}
        return await self.cloud.send(http, "arm", method, path, headers=self.arm, **how)


class Writer:
    """One client: `step` changes something, `verify` looks after a restart whether it is as answered."""

    def __init__(self, cloud: Cloud, access: Access, name: str) -> None:
        self.cloud, self.access, self.name = cloud, access, name
        self.random = cloud.random
        self.cells: dict[str, Cell] = defaultdict(Cell)
        self.numbers = itertools.count()
        self.http: httpx.AsyncClient

    async def step(self) -> None:
        raise NotImplementedError

    async def verify(self) -> None:
        raise NotImplementedError

    async def run(self) -> None:
        """Work until the cloud is killed."""
        try:
            while True:
                await self.step()
        except KilledError:
            return

    def settle(self, found: dict[str, Any]) -> None:
        """Compare all that is there with all that is known."""
        for key in {*self.cells, *found}:
            self.cells[key].settle(found.get(key, ABSENT), f"{self.name}: {key}")
