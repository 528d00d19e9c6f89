"""What a workshop folder may hold, and how each fault of it is told."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from tiny_workshop import LOOK, WORKSHOP, write_workshop

from workshop_tui.findings import Scope
from workshop_tui.pages import placeholders, render
from workshop_tui.workshop import (
    UnknownStepError,
    WorkshopError,
    find_bundled,
    load_workshop,
    validate_needs,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_becomes_a_workshop(tmp_path: Path) -> None:
    workshop = load_workshop(write_workshop(tmp_path))
    look, make, extra = workshop.steps
    assert (look.id, look.number, look.kind, look.needs) == ("look", 1, "observe", ())
    assert (make.title, make.minutes, make.hints) == ("Make identity", 3, ("Look again.",))
    assert make.further[0].url == "https://example.org"
    assert [(check.id, check.scope) for check in make.checks] == [
        ("identity-exists", Scope.AZURE),
        ("client-id", Scope.WORKSTATION),
    ]
    assert make.action is not None
    assert make.reset is not None
    assert (extra.bonus, extra.action) == (True, None)
    assert workshop.minutes == 9


def test_two_workshops_do_not_mix(tmp_path: Path) -> None:
    first = load_workshop(write_workshop(tmp_path / "first"))
    second = load_workshop(
        write_workshop(tmp_path / "second", look_code=LOOK.replace("The group", "The other group"))
    )
    assert first.steps[0].checks[0].title == "The group is there"
    assert second.steps[0].checks[0].title == "The other group is there"
    assert first.steps[0].checks[0].judge is not second.steps[0].checks[0].judge


def test_steps_may_share_a_module_of_their_workshop(tmp_path: Path) -> None:
    code = "from ..words import TITLE\n" + dedent(LOOK.replace('"The group is there"', "TITLE"))
    folder = write_workshop(tmp_path, look_code=code)
    (folder / "steps" / "words.py").write_text('TITLE = "Shared"\n')
    assert load_workshop(folder).steps[0].checks[0].title == "Shared"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        pytest.param({"toml": "id = "}, "not valid TOML", id="toml"),
        pytest.param({"toml": 'id = "x"\ntitle = "y"'}, "no steps", id="no steps"),
        pytest.param({"toml": WORKSHOP.replace("tiny", "")}, "id is missing", id="no id"),
        pytest.param(
            {"toml": WORKSHOP.replace('needs = ["look"]', 'needs = ["loook"]')},
            "Did you mean look?",
            id="unknown need",
        ),
        pytest.param(
            {"toml": WORKSHOP.replace('kind = "observe"', 'kind = "observe"\n    needs = ["make-identity"]')},
            "need each other: look → make-identity → look",
            id="circle",
        ),
        pytest.param({"toml": WORKSHOP.replace('"observe"', '"dance"')}, "observe or change", id="kind"),
        pytest.param({"toml": WORKSHOP.replace('"extra"', '"look"')}, "stands there twice", id="twice"),
        pytest.param({"toml": WORKSHOP.replace('"extra"', '"Extra!"')}, "lower-case", id="step id"),
        pytest.param({"toml": WORKSHOP.replace('"extra"', '"more"')}, "step.md is missing", id="no page"),
        pytest.param(
            {"toml": WORKSHOP.replace("needs", "need", 1)},
            "workshop.toml: step make-identity: there is nothing called need. Did you mean needs?",
            id="mistyped entry",
        ),
        pytest.param(
            {"toml": "minute = 5\n" + dedent(WORKSHOP)},
            "nothing called minute. Did you mean minutes?",
            id="name",
        ),
        pytest.param(
            {"look_page": "---\ntitle: a\nsummary: b\nhint: x\n---\nx"},
            "step.md: front matter: there is nothing called hint. Did you mean hints?",
            id="mistyped front matter",
        ),
        pytest.param({"look_page": "no front matter"}, "step.md:1: a page starts", id="no front matter"),
        pytest.param({"look_page": "---\ntitle: a: b\n---\nx"}, "step.md:2: front matter: ", id="yaml"),
        pytest.param({"look_page": "---\n- a\n---\nx"}, "step.md:2: the front matter must be", id="list"),
        pytest.param({"look_page": "---\ntitle: a\n"}, "is not closed", id="not closed"),
        pytest.param({"look_page": "---\ntitle: a\nsummary: b\n---\n"}, "the page is empty", id="empty"),
        pytest.param({"look_page": "---\ntitle: a\n---\nx"}, "summary must be a text", id="no summary"),
        pytest.param(
            {"look_page": "---\ntitle: a\nsummary: b\n---\n\ngood `{{ RG_NAME }}`\n`{{ RG_NAMES }}`\n"},
            "step.md:7: there is no value {{ RG_NAMES }}. Did you mean RG_NAME",
            id="unknown value",
        ),
        pytest.param(
            {"look_page": "---\ntitle: a\nsummary: b\n---\n{{ZZZZ}}"},
            "step.md:5: there is no value {{ ZZZZ }}. There are: AKS_NAME, ",
            id="value like no other",
        ),
        pytest.param(
            {"look_page": "---\ntitle: a\nsummary: b\n---\n{{ rg-name }}"},
            "step.md:5: write {{ RG_NAME }}, not {{ rg-name }}.",
            id="value in another spelling",
        ),
        pytest.param(
            {"look_page": "---\ntitle: a\nsummary: b\nminutes: soon\n---\nx"}, "step.md:4: ", id="minutes"
        ),
        pytest.param(
            {"look_page": "---\ntitle: a\nsummary: b\nhints:\n  x: y\n---\nx"}, "hints must be", id="hints"
        ),
        pytest.param({"look_code": "import nothing_like_it"}, "__init__.py:1: ModuleNotFound", id="import"),
        pytest.param({"look_code": "x = 1\n\ndef broken(:"}, "__init__.py:3: SyntaxError", id="syntax"),
        pytest.param({"look_code": "x = 1"}, "the step has no check", id="no check"),
        pytest.param({"look_code": LOOK.replace(": ResourceGroup", "")}, "parameter group", id="no type"),
        pytest.param(
            {"look_code": LOOK.replace(": Res", ": Rez")}, "__init__.py:4: NameError: name", id="no such type"
        ),
        pytest.param({"look_code": LOOK.replace("def ", "async def ")}, "is a plain function", id="async"),
        pytest.param(
            {
                "look_code": LOOK
                + "\n    @action\n    def one(names: Names): ..."
                + "\n    @action\n    def two(names: Names): ...\n"
            },
            "at most one @action, here are 2",
            id="two actions",
        ),
        pytest.param(
            {"look_code": LOOK + "\n    @action\n    async def one(names: Names) -> None: ...\n"},
            "yields its progress",
            id="action that yields nothing",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, wrong: dict[str, str], told: str) -> None:
    with pytest.raises(WorkshopError) as caught:
        load_workshop(write_workshop(tmp_path, **wrong))
    assert told in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_folder_without_a_workshop(tmp_path: Path) -> None:
    with pytest.raises(WorkshopError, match=r"has no workshop\.toml"):
        load_workshop(tmp_path)


def test_what_nothing_can_give_is_told(tmp_path: Path) -> None:
    workshop = load_workshop(write_workshop(tmp_path))
    validate_needs(workshop, lambda _: True)
    with pytest.raises(
        WorkshopError, match=r"nothing can give AzureChanges, which the parameter azure of make"
    ):
        validate_needs(workshop, lambda kind: kind.__name__ != "AzureChanges")


def test_a_mistyped_step_is_answered_with_the_nearest(tmp_path: Path) -> None:
    workshop = load_workshop(write_workshop(tmp_path))
    assert workshop.step("look").number == 1
    with pytest.raises(UnknownStepError, match="Did you mean make-identity"):
        workshop.step("make_identity")
    with pytest.raises(UnknownStepError, match="The steps are: look, make-identity, extra"):
        workshop.step("zzz")


def test_the_bundled_workshop_is_found_in_the_checkout() -> None:
    assert (find_bundled() / "workshop.toml").is_file()


def test_templates_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    page = "---\ntitle: a\nsummary: b\n---\n`docker inspect --format '{{ .Id }}'`, `{{ user }}`\n"
    assert "{{ .Id }}" in load_workshop(write_workshop(tmp_path, look_page=page)).steps[0].page


def test_pages_take_values_and_keep_the_names_of_unknown_ones() -> None:
    page = "az group show --name {{ RG_NAME }} --query {{AKS_NAME}} {{ lower }}"
    assert list(placeholders(page)) == ["RG_NAME", "AKS_NAME"]
    assert (
        render(page, {"RG_NAME": "mine", "AKS_NAME": ""})
        == "az group show --name mine --query $AKS_NAME {{ lower }}"
    )
