"""Keys in every place where a generated pod can hide one: each is found, and what is harmless is not."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from workshop_tui.authoring import KeyPlace, exposed_keys
from workshop_tui.cloud.configuration_reader import ConfigurationReader
from workshop_tui.cloud.pod_specs import read_pod_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

Document = dict[str, Any]

KEYS = (
    "0123456789abcdef0123456789abcdef",
    "Ab3" * 17 + "Z" + "JQQJ99" + "b7C" * 8 + "yz",
    "sk-" + "a1B2" * 8,
)
"""An account's key as it was, as it is, and OpenAI's own. They open nothing."""
KEY_NAMES = ("OPENAI_API_KEY", "AZURE_OPENAI_KEY", "aoaiApiKey", "openai-api-key1", "API_KEY")
PLAIN = {
    "PORT": "5001",
    "USE_AZURE_AD": "True",
    "AZURE_OPENAI_ENDPOINT": "https://my-openai.openai.azure.com/",
    "AZURE_CLIENT_ID": "22222222-2222-4222-8222-222222222222",
    "OPENAI_KEY_VAULT_NAME": "my-vault",
    "OPENAI_API_KEY_FILE": "/etc/openai/key",
    "RABBITMQ_PASSWORD": "p4ssw0rd",
    "IMAGE": "ttl.sh/x@sha256:" + "a" * 64,
    "OPENAI_API_KEY": "",
    "TRACE_KEY": "abc",
}
NOTES = {
    "checksum/config": "0123456789abcdef" * 2,
    "prometheus.io/scrape": "true",
    "openai.example.org/key": "no",
}


class Shelf(ConfigurationReader):
    """A book of Secrets and ConfigMaps that are here already; None for one that may not be read."""

    def __init__(self, objects: Mapping[tuple[str, str], Mapping[str, str] | None]) -> None:
        self._objects = objects

    async def read(self, kind: str, name: str) -> Mapping[str, str] | None:
        return self._objects.get((kind, name))


@dataclass
class World:
    """A pod template, and the objects that it takes settings from."""

    template: Document
    objects: dict[tuple[str, str], dict[str, str] | None]

    def exposed(self) -> tuple[KeyPlace, ...]:
        return exposed_keys(asyncio.run(read_pod_spec(self.template, Shelf(self.objects))))

    @property
    def spec(self) -> Document:
        spec: Document = self.template["spec"]
        return spec

    def container(self, place: int) -> Document:
        every = [*self.spec["containers"], *self.spec["initContainers"]]
        container: Document = every[place % len(every)]
        return container

    def mount(self, place: int, name: str, volume: Document, **more: str) -> None:
        self.spec["volumes"].append({"name": name, **volume})
        self.container(place)["volumeMounts"].append({"name": name, "mountPath": f"/etc/{name}", **more})


@st.composite
def harmless(draw: st.DrawFn) -> World:
    """Make a pod that has no key: sidecars, init containers, settings from everywhere."""
    world = World(
        {"metadata": {"labels": {"app": "x"}, "annotations": draw(some(NOTES))}, "spec": {"volumes": []}},
        {
            ("Secret", "rabbit"): {"password": "p4ssw0rd", "key": "rabbit-key"},
            ("ConfigMap", "settings"): dict(PLAIN),
            ("Secret", "sealed"): None,
        },
    )
    for kind, least, most in (("containers", 1, 3), ("initContainers", 0, 2)):
        world.spec[kind] = [
            {
                "name": f"{kind}-{number}",
                "image": "registry.example.org/a:1",
                "env": [{"name": name, "value": value} for name, value in draw(some(PLAIN)).items()],
                "envFrom": draw(
                    st.lists(
                        st.sampled_from(
                            [
                                {"secretRef": {"name": "rabbit"}},
                                {"configMapRef": {"name": "settings"}},
                                {"secretRef": {"name": "sealed", "optional": True}},
                            ]
                        ),
                        max_size=2,
                    )
                ),
                "volumeMounts": [],
                "command": draw(
                    st.sampled_from([[], ["sh", "-c", "unset OPENAI_API_KEY; exec app --port=1"]])
                ),
                "args": draw(st.sampled_from([[], ["--openai-api-key=$(OPENAI_API_KEY)"], ["--verbose"]])),
            }
            for number in range(draw(st.integers(least, most)))
        ]
    volumes: list[Document] = [{"emptyDir": {}}, {"secret": {"secretName": "rabbit"}}]
    for number, volume in enumerate(draw(st.lists(st.sampled_from(volumes), max_size=2))):
        world.mount(number, f"volume-{number}", volume)
    return world


def some(entries: Mapping[str, str]) -> st.SearchStrategy[dict[str, str]]:
    return st.lists(st.sampled_from(sorted(entries)), unique=True, max_size=4).map(
        lambda names: {name: entries[name] for name in names}
    )


def _plain(world: World, place: int, name: str, key: str) -> None:
    world.container(place)["env"].append({"name": name, "value": key})


def _in_a_text(world: World, place: int, name: str, key: str) -> None:
    world.container(place)["env"].append(
        {"name": "CONNECTION", "value": f"Endpoint=https://x/;{name}={key};"}
    )


def _reference(kind: str) -> Callable[[World, int, str, str], None]:
    def hide(world: World, place: int, name: str, key: str) -> None:
        world.objects[kind, "hidden"] = {"entry": key, "other": "x"}
        field = "secretKeyRef" if kind == "Secret" else "configMapKeyRef"
        world.container(place)["env"].append(
            {"name": name, "valueFrom": {field: {"name": "hidden", "key": "entry"}}}
        )

    return hide


def _env_from(kind: str) -> Callable[[World, int, str, str], None]:
    def hide(world: World, place: int, name: str, key: str) -> None:
        world.objects[kind, "hidden"] = {name: key, "other": "x"}
        field = "secretRef" if kind == "Secret" else "configMapRef"
        world.container(place)["envFrom"].append({"prefix": "APP_", field: {"name": "hidden"}})

    return hide


def _volume(kind: str, form: str) -> Callable[[World, int, str, str], None]:
    def hide(world: World, place: int, name: str, key: str) -> None:
        world.objects[kind, "hidden"] = {"other": "x", name: key}
        items = {"items": [{"key": name, "path": "settings"}]} if form == "items" else {}
        field, called = ("secret", "secretName") if kind == "Secret" else ("configMap", "name")
        if form == "projected":
            sources = [{"serviceAccountToken": {"path": "t"}}, {field: {"name": "hidden"}}]
            volume: Document = {"projected": {"sources": sources}}
        else:
            volume = {field: {called: "hidden", **items}}
        world.mount(
            place,
            f"hiding-{len(world.spec['volumes'])}",
            volume,
            **({"subPath": name} if form == "subPath" else {}),
        )

    return hide


def _argument(world: World, place: int, name: str, key: str) -> None:
    world.container(place)["args"].extend([f"--{name}", key])


def _command(world: World, place: int, name: str, key: str) -> None:
    world.container(place)["command"] = ["sh", "-c", f"{name}={key} exec app"]


def _annotation(world: World, place: int, name: str, key: str) -> None:
    del place
    world.template["metadata"]["annotations"]["note"] = f'{{"name": "{name}", "value": "{key}"}}'


PLACES: dict[str, Callable[[World, int, str, str], None]] = {
    "env": _plain,
    "in a text": _in_a_text,
    "secretKeyRef": _reference("Secret"),
    "configMapKeyRef": _reference("ConfigMap"),
    "envFrom secret": _env_from("Secret"),
    "envFrom config map": _env_from("ConfigMap"),
    **{
        f"{k} {f}": _volume(k, f)
        for k in ("Secret", "ConfigMap")
        for f in ("", "items", "projected", "subPath")
    },
    "argument": _argument,
    "command": _command,
    "annotation": _annotation,
}
MOUNTED = sorted(name for name in PLACES if "ecret" in name or "onfig" in name)
READ_BY_VALUE = sorted(set(PLACES) - {"annotation", "argument"})


@given(harmless())
def test_what_is_harmless_is_no_key(world: World) -> None:
    assert world.exposed() == ()


@given(
    harmless(),
    st.sampled_from(sorted(PLACES)),
    st.integers(0, 4),
    st.sampled_from(KEY_NAMES),
    st.sampled_from(KEYS),
)
def test_a_key_is_found_wherever_it_hides(
    world: World, place: str, container: int, name: str, key: str
) -> None:
    PLACES[place](world, container, name, key)
    found = world.exposed()
    assert len(found) == 1, found
    told = f"{found} {found[0]}"
    assert key not in told
    assert key[3:-3] not in told


@given(harmless(), st.sampled_from(READ_BY_VALUE), st.integers(0, 4), st.sampled_from(KEYS))
def test_a_key_under_a_harmless_name_is_found_by_its_value(
    world: World, place: str, container: int, key: str
) -> None:
    PLACES[place](world, container, "setting", key)
    assert world.exposed()


@given(
    harmless(),
    st.sampled_from(sorted(set(PLACES) - {"annotation"})),
    st.integers(0, 4),
    st.sampled_from(KEY_NAMES),
    st.text("xyzXYZ089-_", min_size=1, max_size=12).map(lambda text: f"a{text}"),
)
def test_a_key_of_another_form_is_found_by_its_name(
    world: World, place: str, container: int, name: str, key: str
) -> None:
    PLACES[place](world, container, name, key)
    # In a text of its own the name is not that of the setting; and APP_API_KEY may be anybody's.
    assert bool(world.exposed()) or place == "in a text" or (name == "API_KEY" and "envFrom" in place)


@given(
    harmless(), st.sampled_from(MOUNTED), st.integers(0, 4), st.sampled_from(KEY_NAMES), st.sampled_from(KEYS)
)
def test_a_key_in_what_may_not_be_read_is_found_where_a_name_tells(
    world: World, place: str, container: int, name: str, key: str
) -> None:
    PLACES[place](world, container, name, key)
    for kind in ("Secret", "ConfigMap"):
        if (kind, "hidden") in world.objects:
            world.objects[kind, "hidden"] = None
    named_in_the_pod = any(word in place for word in ("KeyRef", "items", "subPath"))
    assert bool(world.exposed()) is named_in_the_pod


@given(
    harmless(),
    st.lists(
        st.tuples(st.sampled_from(sorted(PLACES)), st.integers(0, 4), st.sampled_from(KEYS)), max_size=2
    ),
    st.randoms(use_true_random=False),
)
def test_order_does_not_count(world: World, hidden: list[tuple[str, int, str]], random: Random) -> None:
    for place, container, key in hidden:
        PLACES[place](world, container, "OPENAI_API_KEY_2", key)
    mixed = World(copy.deepcopy(world.template), world.objects)
    for entries in (mixed.spec["containers"], mixed.spec["initContainers"], mixed.spec["volumes"]):
        random.shuffle(entries)
    assert {str(key) for key in mixed.exposed()} == {str(key) for key in world.exposed()}
    assert bool(hidden) is bool(world.exposed())
