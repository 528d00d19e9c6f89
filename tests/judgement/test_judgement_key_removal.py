"""A key is taken out where it is: each place has a command of its own."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import Any

import pytest

from workshop_tui.authoring import (
    Container,
    EnvironmentSource,
    EnvironmentVariable,
    Names,
    PodSpec,
    Sensitive,
    exposed_keys,
    key_removal_command,
)

KEY = Sensitive("sk-abcdefghijklmnopqrstuvwxyz123456")
NAMES = Names("subscription", context="shop")
START = "kubectl --context shop --namespace default"
PLAIN = Container("app", "image")


def command_for(container: Container, *notes: tuple[str, Sensitive]) -> str:
    """Return the command for the first key of a template with this container."""
    template = PodSpec({}, {}, "default", (replace(PLAIN, name="other"), container), notes)
    (key,) = exposed_keys(template)
    return key_removal_command(key, template, NAMES)


def patch_in(command: str, kind: str) -> Any:
    """Return the pod template of a patch of that kind."""
    words = shlex.split(command)
    assert words[:-2] == [*shlex.split(START), "patch", "deployment", "ai-service", "--type", kind]
    return json.loads(words[-1])["spec"]["template"]


@pytest.mark.parametrize("source", ["value", "secret openai/key"])
def test_a_variable_is_unset(source: str) -> None:
    variable = EnvironmentVariable("OPENAI_API_KEY", KEY, source)
    command = command_for(replace(PLAIN, environment=(variable,)))
    assert command == f"{START} set env deployment/ai-service --containers app OPENAI_API_KEY-"


def test_a_container_that_only_the_pods_have_goes_with_them() -> None:
    """The Deployment has no such container to change: what somebody's webhook or hand put into the pods."""
    variable = EnvironmentVariable("OPENAI_API_KEY", KEY, "value")
    pod = PodSpec({}, {}, "default", (PLAIN, replace(PLAIN, name="sidecar", environment=(variable,))))
    (key,) = exposed_keys(pod)
    command = key_removal_command(key, PodSpec({}, {}, "default", (PLAIN,)), NAMES)
    assert command == f"{START} rollout restart deployment/ai-service"


@pytest.mark.parametrize("kind", ["secret", "vault"])
def test_a_mount_is_removed_by_its_path(kind: str) -> None:
    mounted = EnvironmentSource(kind, "openai", "volume /etc/open ai", ("api-key",))
    patch = patch_in(command_for(replace(PLAIN, sources=(mounted,))), "strategic")
    gone = [{"mountPath": "/etc/open ai", "$patch": "delete"}]
    assert patch == {"spec": {"containers": [{"name": "app", "volumeMounts": gone}]}}


def test_the_only_bundle_is_removed_and_of_several_a_person_says_which() -> None:
    bundle = EnvironmentSource("secret", "aoai", "envFrom", ("OPENAI_API_KEY",))
    other = EnvironmentSource("configmap", "settings", "envFrom", ("LOG_LEVEL",))
    mounted = replace(other, place="volume /settings")
    patch = patch_in(command_for(replace(PLAIN, sources=(bundle, mounted))), "strategic")
    assert patch == {"spec": {"containers": [{"name": "app", "envFrom": None}]}}
    assert command_for(replace(PLAIN, sources=(other, bundle))) == f"{START} edit deployment ai-service"


def test_a_command_line_is_left_to_the_image_and_an_init_container_goes() -> None:
    talking = replace(PLAIN, words=(Sensitive(f"--api-key={KEY.reveal()}"),))
    patch = patch_in(command_for(talking), "strategic")
    assert patch == {"spec": {"containers": [{"name": "app", "command": None, "args": None}]}}
    patch = patch_in(command_for(replace(talking, init=True)), "strategic")
    assert patch == {"spec": {"initContainers": [{"name": "app", "$patch": "delete"}]}}


def test_a_note_is_removed_whichever_kind_it_is() -> None:
    patch = patch_in(command_for(PLAIN, ("team/notes", KEY)), "merge")
    assert patch == {"metadata": {"labels": {"team/notes": None}, "annotations": {"team/notes": None}}}


def test_a_hook_or_probe_is_removed_by_its_field() -> None:
    words = (Sensitive("curl"), Sensitive(f"OPENAI_API_KEY={KEY.reveal()}"))
    for field in ("lifecycle", "livenessProbe"):
        patch = patch_in(command_for(replace(PLAIN, hooks=((field, words),))), "strategic")
        assert patch == {"spec": {"containers": [{"name": "app", field: None}]}}
    assert (
        exposed_keys(PodSpec({}, {}, "default", (replace(PLAIN, hooks=(("preStop", words[:1]),)),), ())) == ()
    )
