"""What names, labels and ports may be called, in the words of apimachinery's util/validation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.validating.faults import invalid_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workshop_tui.practice.cluster.errors import Fault

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = rf"({_QUALIFIED})?"
_CONFIG_KEY = r"[-._a-zA-Z0-9]+"
_LONGEST_LABEL = 63
_LONGEST_NAME = 253
_LONGEST_PORT_NAME = 15
HIGHEST_PORT = 65535

_QUALIFIED_TEXT = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    f"character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_QUALIFIED}')"
)
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    f"'{_LABEL}')"
)
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    f"'{_SUBDOMAIN}')"
)
_LABEL_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
    f"validation is '{_LABEL_1035}')"
)
_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
    f"for validation is '{_VALUE}')"
)
_CONFIG_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
    f"'KEY_NAME',  or 'key-name', regex used for validation is '{_CONFIG_KEY}')"
)


_VARIABLE_TEXT = (
    "a valid environment variable name must consist only of printable ASCII characters other than '='"
)


def _too_many(most: int) -> str:
    return f"must be no more than {most} characters"


def label_faults(value: str) -> Iterator[str]:
    """Yield why a name is no DNS label."""
    if len(value) > _LONGEST_LABEL:
        yield _too_many(_LONGEST_LABEL)
    if not re.fullmatch(_LABEL, value):
        yield "must not contain dots" if re.fullmatch(_SUBDOMAIN, value) else _LABEL_TEXT


def subdomain_faults(value: str) -> Iterator[str]:
    """Yield why a name is no DNS subdomain."""
    if len(value) > _LONGEST_NAME:
        yield _too_many(_LONGEST_NAME)
    if not re.fullmatch(_SUBDOMAIN, value):
        yield _SUBDOMAIN_TEXT


def label_1035_faults(value: str) -> Iterator[str]:
    """Yield why a name is none for a Service."""
    if len(value) > _LONGEST_LABEL:
        yield _too_many(_LONGEST_LABEL)
    if not re.fullmatch(_LABEL_1035, value):
        yield _LABEL_1035_TEXT


def key_faults(value: str) -> Iterator[str]:
    """Yield why a text is no qualified name, as the keys of labels and annotations are."""
    prefix, slash, name = value.partition("/")
    if "/" in name:
        yield (
            f"a qualified name {_QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' "
            "(e.g. 'example.com/MyName')"
        )
        return
    if not slash:
        name = prefix
    elif not prefix:
        yield "prefix part must be non-empty"
    else:
        yield from (f"prefix part {why}" for why in subdomain_faults(prefix))
    if not name:
        yield "name part must be non-empty"
    elif len(name) > _LONGEST_LABEL:
        yield f"name part {_too_many(_LONGEST_LABEL)}"
    if not re.fullmatch(_QUALIFIED, name):
        yield f"name part {_QUALIFIED_TEXT}"


def value_faults(value: str) -> Iterator[str]:
    """Yield why a text is no value of a label."""
    if len(value) > _LONGEST_LABEL:
        yield _too_many(_LONGEST_LABEL)
    if not re.fullmatch(_VALUE, value):
        yield _VALUE_TEXT


def config_key_faults(value: str) -> Iterator[str]:
    """Yield why a text is no key of a ConfigMap or Secret."""
    if len(value) > _LONGEST_NAME:
        yield _too_many(_LONGEST_NAME)
    if not re.fullmatch(_CONFIG_KEY, value):
        yield _CONFIG_KEY_TEXT
    if value in {".", ".."}:
        yield f"must not be '{value}'"
    elif value.startswith(".."):
        yield "must not start with '..'"


def variable_faults(value: str) -> Iterator[str]:
    """Yield why a text is no name of an environment variable."""
    if not all(" " <= letter <= "~" and letter != "=" for letter in value):
        yield _VARIABLE_TEXT


def port_faults(value: int) -> Iterator[str]:
    """Yield why a number is no port."""
    if not 0 < value <= HIGHEST_PORT:
        yield "must be between 1 and 65535, inclusive"


def port_name_faults(value: str) -> Iterator[str]:
    """Yield why a text is no name of a port."""
    if len(value) > _LONGEST_PORT_NAME:
        yield _too_many(_LONGEST_PORT_NAME)
    if not re.fullmatch(r"[-a-z0-9]+", value):
        yield "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
    if not re.search(r"[a-z]", value):
        yield "must contain at least one letter (a-z)"
    if "--" in value:
        yield "must not contain consecutive hyphens"
    if value and "-" in (value[0], value[-1]):
        yield "must not begin or end with a hyphen"


def all_faults(field: str, value: str, check: Callable[[str], Iterator[str]]) -> Iterator[Fault]:
    """Yield a fault of the field for each thing that is wrong with its text."""
    for why in check(value):
        yield invalid_value(field, value, why)


def port_or_name_faults(field: str, value: int | str) -> Iterator[Fault]:
    """Yield what is wrong with a port that is given by number or name."""
    if isinstance(value, int):
        for why in port_faults(value):
            yield invalid_value(field, value, why)
    else:
        yield from all_faults(field, value, port_name_faults)


def labels_faults(labels: dict[str, str], field: str) -> Iterator[Fault]:
    """Yield what is wrong with labels."""
    for key, value in labels.items():
        yield from all_faults(field, key, key_faults)
        yield from all_faults(field, value, value_faults)
