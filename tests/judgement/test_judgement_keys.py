"""Keys found wherever a pod can hide them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workshop_tui.authoring import (
    Container,
    EnvironmentSource,
    EnvironmentVariable,
    PodSpec,
    Sensitive,
    exposed_keys,
)
from workshop_tui.judgement.keys import is_key_name, is_key_value

KEY = "0123456789abcdef0123456789abcdef"
NAMES = [
    "OPENAI_API_KEY",
    "AZURE_OPENAI_API_KEY",
    "AOAI_KEY",
    "AzureOpenAI__Key",
    "openai-api-key",
    "API_KEY",
    "AZURE_API_KEY",
    "AI_KEY",
    "COGNITIVE_SERVICES_KEY",
    "AZURE_AI_SERVICE_KEY",
    "AZURE_AI_KEY_1",
    "AI_SERVICES_KEY",
    # What comes out of a vault is the key itself.
    "AZURE_KEYVAULT_API_KEY",
]


def spec(*containers: Container) -> PodSpec:
    return PodSpec({}, {}, "default", containers)


def variable(name: str, value: str, source: str = "value") -> EnvironmentVariable:
    return EnvironmentVariable(name, Sensitive(value), source)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_keys(name: str) -> None:
    assert is_key_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "AZURE_OPENAI_ENDPOINT",
        "USE_AZURE_OPENAI",
        "OPENAI_ORG_ID",
        "AZURE_CLIENT_ID",
        "KEY",
        "",
        "OPENAI_KEY_VAULT_NAME",
        "OPENAI_API_KEY_FILE",
        "OPENAI_API_KEY_SECRET_NAME",
        "OPENAI_KEYWORDS",
        "ORDER_QUEUE_PASSWORD",
    ],
)
def test_names_of_other_things(name: str) -> None:
    assert not is_key_name(name)


@pytest.mark.parametrize(
    "value", [KEY, f"Endpoint=x;Key={KEY}", "sk-" + "a1" * 20, "A" * 52 + "JQQJ99" + "b" * 26]
)
def test_values_of_keys(value: str) -> None:
    assert is_key_value(value)


@pytest.mark.parametrize(
    "value",
    ["", "True", "22222222-2222-4222-8222-222222222222", "a" * 64, "https://my-openai.openai.azure.com/"],
)
def test_values_of_other_things(value: str) -> None:
    assert not is_key_value(value)


@given(
    name=st.sampled_from(NAMES),
    others=st.lists(st.sampled_from(["istio-proxy", "sidecar", "init"]), max_size=3, unique=True),
    place=st.integers(0, 3),
    source=st.sampled_from(["value", "secret aoai/key", "configmap aoai/key"]),
    init=st.booleans(),
)
def test_a_key_is_found_in_any_container(
    name: str,
    others: list[str],
    place: int,
    source: str,
    init: bool,  # noqa: FBT001 - drawn
) -> None:
    holder = Container("holder", "image", (variable("PORT", "80"), variable(name, KEY, source)), init=init)
    containers = [Container(other, "image") for other in others]
    containers.insert(place, holder)
    found = exposed_keys(spec(*containers))
    assert [(item.name, item.container) for item in found] == [(name, "holder")]
    assert KEY not in str(found) + repr(found)


@pytest.mark.parametrize("place", ["envFrom", "volume /etc/keys"])
@pytest.mark.parametrize("kind", ["secret", "configmap"])
def test_a_key_is_found_in_what_is_mounted(kind: str, place: str) -> None:
    source = EnvironmentSource(kind, "settings", place, ("PORT", "OPENAI_API_KEY"))
    (found,) = exposed_keys(spec(Container("c", "i", sources=(source,))))
    assert str(found) == f"OPENAI_API_KEY in container c, from {kind} settings ({place})"


def test_a_key_under_a_harmless_name_is_found_by_its_value() -> None:
    (found,) = exposed_keys(spec(Container("c", "i", (variable("SETTING", KEY),))))
    assert str(found) == "SETTING (01…ef) in container c, as plain text"


def test_an_empty_value_is_no_key_but_an_unread_secret_is() -> None:
    assert not exposed_keys(spec(Container("c", "i", (variable("OPENAI_API_KEY", ""),))))
    assert not exposed_keys(spec(Container("c", "i", (variable("OPENAI_API_KEY", "  "),))))
    (unread,) = exposed_keys(spec(Container("c", "i", (variable("OPENAI_API_KEY", "", "secret a/b"),))))
    assert str(unread) == "OPENAI_API_KEY in container c, from secret a/b"


def test_the_last_of_several_variables_counts() -> None:
    twice = (variable("OPENAI_API_KEY", KEY), variable("OPENAI_API_KEY", ""))
    assert not exposed_keys(spec(Container("c", "i", twice)))
    assert exposed_keys(spec(Container("c", "i", twice[::-1])))


def test_an_entry_of_a_secret_is_judged_by_its_name_with_the_secrets_and_by_its_value() -> None:
    def brought(name: str, key: str, *values: str) -> PodSpec:
        found = EnvironmentSource("secret", name, "envFrom", (key,), tuple(map(Sensitive, values)))
        return spec(Container("c", "i", sources=(found,)))

    assert exposed_keys(brought("aoai", "key"))
    assert exposed_keys(brought("settings", "one", KEY))
    assert KEY not in str(exposed_keys(brought("settings", "one", KEY)))
    assert not exposed_keys(brought("settings", "one", "two"))
    assert not exposed_keys(brought("openai-keys", "endpoint", "https://x/"))
    assert not exposed_keys(brought("settings", "OPENAI_API_KEY", ""))
    assert not exposed_keys(brought("settings", "OPENAI_API_KEY", " \n"))
    assert exposed_keys(brought("aoai", "KEY", "abc"))
    assert exposed_keys(brought("settings", "API_KEY", "abc"))


def test_an_empty_entry_hides_none_of_those_after_it() -> None:
    values = (Sensitive(""), Sensitive("abc"))
    entries = EnvironmentSource("secret", "settings", "envFrom", ("OPENAI_API_KEY", "AOAI_KEY"), values)
    (found,) = exposed_keys(spec(Container("c", "i", sources=(entries,))))
    assert found.name == "AOAI_KEY"


def test_a_secret_that_may_not_be_read_counts_if_its_name_tells() -> None:
    def mounted(name: str, kind: str = "secret") -> PodSpec:
        return spec(Container("c", "i", sources=(EnvironmentSource(kind, name, "envFrom", None),)))

    assert exposed_keys(mounted("azure-openai"))
    assert exposed_keys(mounted("api-key"))
    assert not exposed_keys(mounted("rabbitmq"))
    assert exposed_keys(mounted("azure-openai-key", "vault"))
    assert not exposed_keys(mounted("azure-openai", "vault"))


@pytest.mark.parametrize(
    "words",
    [
        ("uvicorn", "main:app", f"--setting={KEY}"),
        ("sh", "-c", "OPENAI_API_KEY=abc uvicorn main:app"),
        ("sh", "-c", "export 'AZURE_OPENAI_KEY=abc'; exec uvicorn main:app"),
        ("app", "--openai-api-key", "abc"),
        ("app", "--openai-api-key=abc"),
    ],
)
def test_a_key_is_found_in_a_command_line(words: tuple[str, ...]) -> None:
    (found,) = exposed_keys(spec(Container("c", "i", words=tuple(map(Sensitive, words)))))
    name = "a key" if KEY in words[-1] else "AZURE_OPENAI_KEY" if "AZURE" in words[-1] else "OPENAI_API_KEY"
    called = name.lower().replace("_", "-") if words[0] == "app" else name
    assert str(found) == f"{called} in container c, in its command line"
    assert KEY not in str(found)


@pytest.mark.parametrize(
    "words",
    [
        ("sh", "-c", "unset OPENAI_API_KEY; exec uvicorn main:app"),
        ("sh", "-c", "OPENAI_API_KEY= uvicorn main:app"),
        ("app", "--openai-api-key=$(OPENAI_API_KEY)"),
        ("app", "--openai-api-key", "--verbose"),
        ("app", "--openai-api-key"),
        ("app", "--openai-api-key=", "abc"),
        ("unset", "OPENAI_API_KEY", "abc"),
        ("app", "--openai-api-key-file", "/etc/x"),
        ("uvicorn", "main:app", "--port", "5001"),
    ],
)
def test_a_command_line_without_one(words: tuple[str, ...]) -> None:
    assert not exposed_keys(spec(Container("c", "i", words=tuple(map(Sensitive, words)))))


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("openai-key", KEY, True),
        ("settings", f'{{"name": "OPENAI_API_KEY", "value": "{KEY}"}}', True),
        ("note", "A" * 52 + "JQQJ99" + "b" * 26, True),
        ("note", "sk-" + "Zy9" * 7, True),
        ("note", "sk-" + "Zy9" * 6, False),
        ("checksum/config", KEY, False),
        ("openai-key-rotated", "2026-01-01", False),
    ],
)
def test_a_key_in_an_annotation(name: str, text: str, key: bool) -> None:  # noqa: FBT001 - a table's column
    pod = PodSpec({}, {}, "default", (Container("c", "i"),), ((name, Sensitive(text)),))
    shown = [f"{name} ({Sensitive(text).masked()}) in the pod's labels and annotations"]
    assert [str(item) for item in exposed_keys(pod)] == shown * key


def test_a_variable_out_of_a_secret_is_judged_by_the_secrets_names_too() -> None:
    assert exposed_keys(spec(Container("c", "i", (variable("SETTING", "", "secret aoai/key"),))))
    assert exposed_keys(spec(Container("c", "i", (variable("SETTING", "abc", "secret aoai/key"),))))
    assert exposed_keys(spec(Container("c", "i", (variable("SETTING", "abc", "configmap aoai/key"),))))
    assert exposed_keys(spec(Container("c", "i", (variable("SETTING", "", "configmap aoai/key"),))))
    assert not exposed_keys(spec(Container("c", "i", (variable("SETTING", "", "secret rabbit/key"),))))
