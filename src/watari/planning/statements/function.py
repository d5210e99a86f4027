"""CREATE FUNCTION and PROCEDURE, aggregates, and changes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

from watari.catalog import Name, Routine
from watari.locale import Text
from watari.planning import definitions
from watari.planning.kind import Kind, Undo
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.planning.trees import parsed, type_text
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice, strings, type_ref

_MAKE = Text(en="create function {name}", ja="関数 {name} を作成")
_CHANGE = Text(en="change function {name}", ja="関数 {name} を変更")

_INPUTS = ("FUNC_PARAM_IN", "FUNC_PARAM_INOUT", "FUNC_PARAM_VARIADIC", "FUNC_PARAM_DEFAULT")


def _inputs(parameters: Iterable[Any]) -> list[Any]:
    """The types of the parameters that make the signature."""
    found = [node.function_parameter for node in parameters]
    return [each.arg_type for each in found if choice(each, "mode") in _INPUTS]


def signature(name: Name, types: Sequence[Any]) -> str:
    """The function as DROP names it: `"public"."f"(integer, text)`."""
    return composed("{name}({types})", name=name, types=Raw(", ".join(map(type_text, types))))


def routine(name: Name, types: Sequence[Any] | None, scene: Scene) -> Routine | None:
    """The live function of this signature; without types, the only one of this name."""
    named = [found for found in scene.catalog.routines if found.name == name]
    if types is None:
        return named[0] if len(named) == 1 else None
    wanted = [_bare(each) for each in types]
    return next((found for found in named if _types_of(found) == wanted), None)


def _bare(type_name: Any) -> tuple[str, bool]:
    found = type_ref(type_name)
    return found.name, found.array


def _types_of(found: Routine) -> list[tuple[str, bool]]:
    node = (
        parsed(composed("DROP FUNCTION f({arguments})", arguments=Raw(found.arguments)))
        .drop_stmt.objects[0]
        .object_with_args
    )
    return [_bare(each.type_name) for each in node.objargs]


def _undo(node: Any, scene: Scene) -> Undo:
    name, types = scene.new(strings(node.funcname)), _inputs(node.parameters)
    old = routine(name, types, scene)
    if node.replace and (story := scene.stories.of("function", signature(name, types))):
        return story[-1:]
    if node.replace and old:
        return definitions.routine(old)
    kind: LiteralString = "PROCEDURE" if node.is_procedure else "FUNCTION"
    return (composed("DROP {kind} {signature}", kind=Raw(kind), signature=Raw(signature(name, types))),)


def _happens(node: Any, scene: Scene, text: str) -> None:
    name = scene.new(strings(node.funcname))
    scene.stories.tell("function", signature(name, _inputs(node.parameters)), text)
    scene.expect("function", str(name), "present")


def _phase(node: Any, scene: Scene) -> Phase:
    known = routine(scene.new(strings(node.funcname)), _inputs(node.parameters), scene)
    return Phase.MIGRATE if node.replace and known else Phase.EXPAND


def _undo_change(node: Any, scene: Scene) -> Undo:
    types = [each.type_name for each in node.func.objargs]
    old = routine(scene.new(strings(node.func.objname)), None if node.func.args_unspecified else types, scene)
    return definitions.routine(old) if old else None


KINDS = (
    Kind(
        nodes=("create_function_stmt",),
        words=lambda node: _MAKE(name=node.funcname[-1].string.sval),
        undo=_undo,
        happens=_happens,
        phase=_phase,
    ),
    Kind(
        nodes=("alter_function_stmt",),
        words=lambda node: _CHANGE(name=node.func.objname[-1].string.sval),
        undo=_undo_change,
    ),
)
