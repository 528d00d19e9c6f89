"""What `kubectl explain` says of each served kind and field: the Kubernetes API's own words, shortened.

The words are those of the models in the `kubernetes` package (made from Kubernetes' api/openapi-spec,
Apache-2.0): of each description the first sentences that fit. A field that is a type of its own has no
words there; it is told in its type's.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from kubernetes.client import models

from workshop_tui.practice.cluster.schema import fields_of, type_names

TARGET = Path(__file__).parent.parent / "workshop_tui/practice/cluster/schema/descriptions.txt"
PREFIXES = ("V1", "CoreV1", "AdmissionregistrationV1", "AuthenticationV1", "")
LONGEST = 240
"""Characters of a description: whole sentences up to here, at least one."""
HEADER = """\
# Descriptions of the Kubernetes API, shortened. Copyright The Kubernetes Authors.
# Apache License 2.0: see LICENSE.Apache-2.0. Written by scripts/descriptions; a `!` marks a required field.
"""
SENTENCE = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)\s+(?=[A-Z\"'`*])")


def shortened(text: str) -> str:
    """Return the first sentences of a description, on one line."""
    sentences = SENTENCE.split(" ".join(text.split()))
    result = sentences[0]
    for sentence in sentences[1:]:
        if len(result) + 1 + len(sentence) > LONGEST:
            break
        result += f" {sentence}"
    return result


def model_of(type_name: str) -> Any:  # noqa: ANN401 - a pydantic model's class
    """Return the model of a type; KeyError."""
    for prefix in PREFIXES:
        model = getattr(models, prefix + type_name, None)
        if model is not None:
            return model
    raise KeyError(type_name)


def lines_of(type_name: str) -> list[str]:
    """Return the type's line and one for each of its fields that says something."""
    model = model_of(type_name)
    about = (model.__doc__ or "").partition("Attributes:")[0]
    lines = [f"{type_name} {shortened(about)}".rstrip()]
    known = {field.serialization_alias or name: field for name, field in model.model_fields.items()}
    for name in fields_of(type_name):
        field = known[name]
        required = "!" if field.is_required() else ""
        words = shortened(field.description or "")
        if words or required:
            lines.append(f" {name}{required} {words}".rstrip())
    return lines


def main() -> int:
    """Write the file."""
    lines = [line for type_name in type_names() for line in lines_of(type_name)]
    TARGET.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes, {len(lines)} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
