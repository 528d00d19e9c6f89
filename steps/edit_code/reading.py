"""Reading the service's syntax tree: which lines read which environment variable, and what they demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import libcst.matchers as m

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY = "OPENAI_API_KEY"
SWITCH = "USE_AZURE_AD"


def blocks(node: cst.CSTNode) -> Sequence[cst.Module | cst.IndentedBlock]:
    """Return every indented block in the node, and the node itself if it is a module or a block."""
    found = m.findall(node, m.IndentedBlock() | m.Module())
    return [item for item in found if isinstance(item, (cst.Module, cst.IndentedBlock))]


def reads(node: cst.CSTNode, variable: str) -> bool:
    """Say whether the node reads the environment variable: `environ.get`, `getenv` or `environ[…]`."""
    name = m.SimpleString(value=m.MatchIfTrue(lambda text: text.strip("rbuRBU").strip("\"'") == variable))
    environ = m.Attribute(attr=m.Name("environ")) | m.Name("environ")
    ways = (
        m.Call(
            func=m.Attribute(value=environ, attr=m.Name("get"))
            | m.Attribute(attr=m.Name("getenv"))
            | m.Name("getenv"),
            args=[m.Arg(value=name), m.ZeroOrMore()],
        ),
        m.Subscript(value=environ, slice=[m.SubscriptElement(slice=m.Index(value=name))]),
    )
    return any(m.findall(node, way) for way in ways)


def target_name(line: cst.SimpleStatementLine) -> str:
    """Return the one name that the line assigns to, or an empty text."""
    if len(line.body) != 1:
        return ""
    statement = line.body[0]
    if isinstance(statement, cst.AnnAssign) and statement.value is not None:
        target: cst.CSTNode = statement.target
    elif isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target = statement.targets[0].target
    else:
        return ""
    return target.value if isinstance(target, cst.Name) else ""


def assigned_name(line: cst.SimpleStatementLine) -> str:
    """Return the name that a line, known to assign one, assigns to."""
    return target_name(line)


def names_in(node: cst.CSTNode) -> set[str]:
    """Return every name that occurs in the node, attributes included."""
    return {item.value for item in m.findall(node, m.Name()) if isinstance(item, cst.Name)}


def calls_of(node: cst.CSTNode, name: str) -> Sequence[cst.Call]:
    """Return the calls of a function or class of that name, however it is reached."""
    found = m.findall(node, m.Call(func=m.Name(name) | m.Attribute(attr=m.Name(name))))
    return [item for item in found if isinstance(item, cst.Call)]


def demands(line: cst.If, key_name: str) -> bool:
    """Say whether the branch raises because of the key."""
    raises = any(m.matches(item, m.SimpleStatementLine(body=[m.Raise()])) for item in line.body.body)
    return raises and (key_name in names_in(line.test) or reads(line.test, KEY))


def raises_about_key(node: cst.CSTNode) -> int:
    """Count the `raise` statements in the node that name the key's environment variable first."""
    about = m.Raise(
        exc=m.Call(
            args=[
                m.Arg(value=m.SimpleString(value=m.MatchIfTrue(lambda text: KEY in text))),
                m.ZeroOrMore(),
            ]
        )
    )
    return len(m.findall(node, about))
