"""What clients of ARM, Graph and Azure OpenAI do while the practice cloud is killed."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from kill_clients import SETTLE_SECONDS, Writer
from kill_world import ABSENT, ANYTHING

ROLES = (
    "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",  # Cognitive Services OpenAI User
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",  # Reader
    "b24988ac-6180-42a0-ab88-20f7382dd24c",  # Contributor
)


class Identities(Writer):
    """Managed identities in ARM, whose principals are in the directory (Graph) exactly once or not at all."""

    def path(self, name: str = "") -> str:
        kind = f"{self.access.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        return f"{kind}/{name}" if name else kind

    async def step(self) -> None:
        key, value = f"{self.name}-{self.random.randrange(3)}", f"v{next(self.numbers)}"
        if self.cells[key].known is not ABSENT and self.random.random() < 0.3:
            with self.cells[key].becoming(ABSENT):
                answer = await self.access.call(self.http, "DELETE", self.path(key))
        else:
            with self.cells[key].becoming(value):
                body = {"location": "eastus", "tags": {"value": value}}
                answer = await self.access.call(self.http, "PUT", self.path(key), body)
        assert answer.status_code in {200, 201}, answer.text

    async def verify(self) -> None:
        listed = (await self.access.call(self.http, "GET", self.path())).json()["value"]
        mine = {each["name"]: each for each in listed if each["name"].startswith(f"{self.name}-")}
        self.settle({name: each["tags"]["value"] for name, each in mine.items()})
        path = "/v1.0/servicePrincipals"
        answer = await self.cloud.send(self.http, "graph", "GET", path, headers=self.access.graph)
        principals = [
            each for each in answer.json()["value"] if each["displayName"].startswith(f"{self.name}-")
        ]
        assert sorted((each["displayName"], each["id"]) for each in principals) == sorted(
            (name, each["properties"]["principalId"]) for name, each in mine.items()
        )


class Trusts(Identities):
    """Federated credentials and role assignments of one identity."""

    principal = ""

    async def step(self) -> None:
        identity = self.path(self.name)
        if not self.principal:
            made = await self.access.call(self.http, "PUT", identity, {"location": "eastus"})
            self.principal = made.json()["properties"]["principalId"]
        if self.random.random() < 0.5:
            key, subject = f"fed-{self.random.randrange(3)}", f"system:serviceaccount:x:s{next(self.numbers)}"
            await self._change(
                key,
                subject,
                f"{identity}/federatedIdentityCredentials/{key}",
                {"issuer": "https://issuer.example", "subject": subject, "audiences": ["api://x"]},
                "2023-01-31",
            )
            return
        role = self.random.choice(ROLES)
        subscription = self.access.group.partition("/resourceGroups/")[0]
        definition = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        properties = {"roleDefinitionId": definition, "principalId": self.principal}
        properties["principalType"] = "ServicePrincipal"
        path = (
            f"{self.access.group}/providers/Microsoft.Authorization/roleAssignments/{self._assignment(role)}"
        )
        await self._change(role, "assigned", path, properties, "2022-04-01")

    def _assignment(self, role: str) -> str:
        return f"{hashlib.sha256(self.name.encode()).hexdigest()[:8]}{role[8:]}"

    async def _change(self, key: str, value: str, path: str, properties: Any, version: str) -> None:
        if self.cells[key].known is not ABSENT and self.random.random() < 0.3:
            with self.cells[key].becoming(ABSENT):
                answer = await self.access.call(self.http, "DELETE", path, version=version)
        else:
            with self.cells[key].becoming(value):
                body = {"properties": properties}
                answer = await self.access.call(self.http, "PUT", path, body, version)
        assert answer.status_code in {200, 201}, answer.text

    async def verify(self) -> None:
        if not self.principal:
            return
        path = f"{self.path(self.name)}/federatedIdentityCredentials"
        answer = await self.access.call(self.http, "GET", path)
        found = {each["name"]: each["properties"]["subject"] for each in answer.json()["value"]}
        path = f"{self.access.group}/providers/Microsoft.Authorization/roleAssignments"
        answer = await self.access.call(self.http, "GET", path, version="2022-04-01")
        for each in answer.json()["value"]:
            if each["properties"]["principalId"] == self.principal:
                found[each["properties"]["roleDefinitionId"].rpartition("/")[2]] = "assigned"
        self.settle(found)


class Account(Writer):
    """Keys of the Azure OpenAI account, and its long-running changes, followed to their end."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.operations: list[str] = []

    @property
    def path(self) -> str:
        kind = f"{self.access.group}/providers/Microsoft.CognitiveServices/accounts"
        return f"{kind}/{self.cloud['account_name']}"

    async def step(self) -> None:
        version = "2025-06-01"
        if self.random.random() < 0.5:
            with self.cells["key2"].becoming(ANYTHING):
                path = f"{self.path}/regenerateKey"
                answer = await self.access.call(self.http, "POST", path, {"keyName": "Key2"}, version)
            self.cells["key2"].known = answer.json()["key2"]
            return
        value = f"v{next(self.numbers)}"
        with self.cells["tag"].becoming(value):
            answer = await self.access.call(
                self.http, "PATCH", self.path, {"tags": {"value": value}}, version
            )
            assert answer.status_code == 200, answer.text
            self.operations.append(answer.headers["azure-asyncoperation"])

    async def verify(self) -> None:
        for url in self.operations:
            await self._follow(url)
        self.operations.clear()
        keys = (
            await self.access.call(self.http, "POST", f"{self.path}/listKeys", version="2025-06-01")
        ).json()
        account = (await self.access.call(self.http, "GET", self.path, version="2025-06-01")).json()
        found = {"key2": keys["key2"]} if "key2" in self.cells else {}
        tag = (account.get("tags") or {}).get("value")
        self.settle(found | ({} if tag is None else {"tag": tag}))
        path = f"/openai/deployments/{self.cloud['deployment_name']}/chat/completions?api-version=2024-06-01"
        body = {"messages": [{"role": "user", "content": "hello"}]}
        headers = {"api-key": keys["key2"]}
        answer = await self.cloud.send(self.http, "openai", "POST", path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text

    async def _follow(self, url: str) -> None:
        async with asyncio.timeout(SETTLE_SECONDS):
            while True:
                answer = await self.access.call(self.http, "GET", url)
                assert answer.status_code == 200, answer.text
                if answer.json()["status"] == "Succeeded":
                    return
                await asyncio.sleep(float(answer.headers["retry-after"]))
