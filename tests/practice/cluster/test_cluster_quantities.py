"""Amounts as the API server writes them, told against the real Go code in kubectl."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from practice_world import kubectl_program

from workshop_tui.practice.cluster.quantities import canonical_quantity, parse_quantity

if TYPE_CHECKING:
    from pathlib import Path

KUBECTL = kubectl_program()
WRITTEN = st.one_of(
    st.tuples(
        st.integers(0, 10**7).map(str), st.sampled_from(["", "m", "k", "M", "G", "e3", "e2", "Ki", "Mi"])
    ),
    st.tuples(
        st.decimals(0, 5000, places=3).map(str), st.sampled_from(["", "m", "k", "M", "Ki", "Mi", "Gi", "e3"])
    ),
).map("".join)


@pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl to compare with")
def test_amounts_are_written_as_go_writes_them(tmp_path: Path) -> None:
    drawn: list[str] = [
        "0",
        "0.5",
        "1024Mi",
        "0.1Gi",
        "1500m",
        "1.500",
        "1Ki",
        "512Ki",
        "0.5Ki",
        "20m",
        "65Mi",
    ]

    @settings(max_examples=300, derandomize=True, database=None)
    @given(WRITTEN)
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    limits = {f"example.com/r{index}": text for index, text in enumerate(drawn)}
    container = {"name": "a", "image": "b", "resources": {"limits": limits}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [container]}}
    file = tmp_path / "pod.json"
    file.write_text(json.dumps(pod))
    # Any command reads the object into Go's types and writes it again.
    command = [str(KUBECTL), "set", "env", "--local", "-f", str(file), "A=b", "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    written = json.loads(done.stdout)["spec"]["containers"][0]["resources"]["limits"]
    ours = {name: canonical_quantity(text) for name, text in limits.items()}
    differing = {limits[name]: (ours[name], written[name]) for name in limits if ours[name] != written[name]}
    assert differing == {}
    assert all(parse_quantity(ours[name]) >= parse_quantity(limits[name]) for name in limits)
