"""Puts changed code into functions and constants as they are in memory: nothing is imported anew."""

from __future__ import annotations

import ast
import gc
import sys
from collections import defaultdict
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

from mutation_sites import Mutant, code_with

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def replace_code(functions: Sequence[FunctionType], code: CodeType) -> None:
    """Give this code to those of the functions that stand in the same line: namesakes are told apart so."""
    for function in functions:
        if function.__code__.co_firstlineno == code.co_firstlineno:
            function.__code__ = code


def functions_in_memory(files: set[str]) -> dict[tuple[str, str], list[FunctionType]]:
    """Return every function in memory that comes from one of the files, by file and name."""
    found: dict[tuple[str, str], list[FunctionType]] = defaultdict(list)
    for item in gc.get_objects():
        if isinstance(item, FunctionType) and item.__code__.co_filename in files:
            found[item.__code__.co_filename, item.__code__.co_qualname].append(item)
    return found


def put_in(root: Path, mutant: Mutant, functions_of: dict[tuple[str, str], list[FunctionType]]) -> str:
    """Put the fault into the code in memory; return why that cannot be run at all, or an empty text."""
    code, constants = code_with(root, mutant)
    file = str(root / mutant.file)
    if mutant.function:
        replace_code(functions_of[file, mutant.function], code_of(code, mutant.function))
        return ""
    statements = compile(ast.Module(constants, []), file, "exec", dont_inherit=True)
    for module in [item for item in sys.modules.values() if getattr(item, "__file__", None) == file]:
        before = dict(vars(module))
        try:
            exec(statements, vars(module))  # noqa: S102 - the module's own constants, changed
        except Exception as error:  # noqa: BLE001 - a module that cannot be imported is noticed, whatever it raises
            return f"(importing it raises {type(error).__name__})"
        for name, value in list(vars(module).items()):
            if name in before and before[name] is not value:
                _hand_on(name, before[name], value)
    return ""


def files_using(file: str, others: set[str]) -> set[str]:
    """Return the file and those of the others that have imported a constant of it."""
    modules = [item for item in sys.modules.values() if getattr(item, "__file__", None) in others]
    constants = {
        name: value
        for module in modules
        if module.__file__ == file
        for name, value in vars(module).items()
        if name.strip("_").isupper()
    }
    using = {
        module.__file__
        for module in modules
        if any(vars(module).get(name, module) is value for name, value in constants.items())
    }
    return {file, *(item for item in using if item)}


def _hand_on(name: str, old: object, new: object) -> None:
    """Give a changed constant to those who have imported it."""
    for module in list(sys.modules.values()):
        if vars(module).get(name) is old:
            setattr(module, name, new)


def code_of(module: CodeType, name: str) -> CodeType:
    """Return the code of a function of the module by its qualified name; of several the last, which holds."""
    code = module
    for part in name.split("."):
        inner = [item for item in code.co_consts if isinstance(item, CodeType) and item.co_name == part]
        code = inner[-1]
    return code
