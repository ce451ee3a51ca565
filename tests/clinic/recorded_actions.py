"""Finds in the code every action that is ever given to the audit trail, by following the argument of log.record back to
the strings that it can be."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Writer:
    """A function that takes an action: the parameter's name, and its place where it may be given without the name."""

    name: str
    parameter: str
    place: int | None


RECORD = Writer("record", "action", 0)
# What a view says of its page, which is recorded when the answer leaves (clinic/audit/looks.py).
OF_LOOKS = [Writer("requires", "look", None), Writer("told", "action", 0)]


@dataclass(frozen=True)
class Found:
    """`places` maps each action to where it stands, `file:line`; `lost` are the calls whose action is no string that
    can be followed."""

    places: dict[str, list[str]]
    lost: list[str]


def recorded_actions() -> Found:
    """What clinic and treatments give to log.record, also through functions that hand the action on."""
    modules = {path: ast.parse(path.read_text()) for path in _modules()}
    places: dict[str, list[str]] = defaultdict(list)
    lost: list[str] = []
    todo, known = [RECORD, *OF_LOOKS], {RECORD, *OF_LOOKS}
    while todo:
        writer = todo.pop()
        for path, tree in modules.items():
            for inside, call in _calls(tree, writer):
                where = f"{path.relative_to(ROOT)}:{call.lineno}"
                given = _argument(call, writer)
                if given is None:  # its default, which stands where the writer does
                    continue
                texts, handed_on = _strings(given, inside)
                if is_from := _function_that_gives(given, inside, tree):
                    texts = _returned(is_from)
                if not texts and handed_on is None:
                    lost.append(where)
                for text in texts:
                    places[text].append(where)
                if handed_on and handed_on not in known:
                    known.add(handed_on)
                    todo.append(handed_on)
                    if default := _default(inside[-1], handed_on.parameter):
                        places[default].append(where)
    places.pop("", None)
    return Found(dict(places), lost)


def _modules() -> Iterator[Path]:
    for package in ("clinic", "treatments"):
        yield from (path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)


def _calls(
    tree: ast.AST, writer: Writer, inside: tuple[Function, ...] = ()
) -> Iterator[tuple[tuple[Function, ...], ast.Call]]:
    """The calls of a writer, each with the functions around it, the innermost last."""
    for node in ast.iter_child_nodes(tree):
        around = (*inside, node) if isinstance(node, Function) else inside
        if isinstance(node, ast.Call) and _is_call_of(node.func, writer):
            yield around, node
        yield from _calls(node, writer, around)


def _is_call_of(called: ast.expr, writer: Writer) -> bool:
    if writer == RECORD:
        return isinstance(called, ast.Attribute) and called.attr == "record" and ast.unparse(called.value) == "log"
    return getattr(called, "attr", getattr(called, "id", "")) == writer.name


def _argument(call: ast.Call, writer: Writer) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == writer.parameter:
            return keyword.value
    if writer.place is not None and writer.place < len(call.args):
        return call.args[writer.place]
    return None


def _strings(given: ast.expr, inside: tuple[Function, ...]) -> tuple[set[str], Writer | None]:
    """The strings that an expression can be, and the function that hands it on where it is its parameter."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return {given.value}, None
    if isinstance(given, ast.IfExp):
        parts = [_strings(part, inside)[0] for part in (given.body, given.orelse)]
        return set().union(*parts), None
    if not isinstance(given, ast.Name) or not inside:
        return set(), None
    around = inside[-1]
    positional = [each.arg for each in (*around.args.posonlyargs, *around.args.args)]
    if isinstance(around, ast.FunctionDef) and given.id in {
        *positional,
        *(each.arg for each in around.args.kwonlyargs),
    }:
        place = positional.index(given.id) if given.id in positional else None
        return set(), Writer(around.name, given.id, place)
    assigned = [value for node in ast.walk(around) for value in _assigned(node, given.id)]
    return set().union(*(_strings(value, inside)[0] for value in assigned)), None


def _function_that_gives(given: ast.expr, inside: tuple[Function, ...], tree: ast.Module) -> ast.FunctionDef | None:
    """The function of the same module whose result was assigned to the variable that is given."""
    if not isinstance(given, ast.Name) or not inside:
        return None
    values = [value for node in ast.walk(inside[-1]) for value in _assigned(node, given.id)]
    names = {value.func.id for value in values if isinstance(value, ast.Call) and isinstance(value.func, ast.Name)}
    return next((each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name in names), None)


def _returned(function: ast.FunctionDef) -> set[str]:
    """The strings that a function can return, where it says them itself."""
    parts = [
        part
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and node.value
        for part in _either(node.value)
    ]
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def _either(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.IfExp):
        yield from _either(value.body)
        yield from _either(value.orelse)
    elif isinstance(value, ast.BoolOp):
        yield from value.values
    else:
        yield value


def _assigned(node: ast.AST, name: str) -> Iterator[ast.expr]:
    if not isinstance(node, ast.Assign):
        return
    for target in node.targets:
        if isinstance(target, ast.Name) and target.id == name:
            yield node.value
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for part, value in zip(target.elts, node.value.elts, strict=True):
                if isinstance(part, ast.Name) and part.id == name:
                    yield value


def _default(function: Function, parameter: str) -> str:
    pairs = [
        *zip(reversed(function.args.args), reversed(function.args.defaults), strict=False),
        *zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True),
    ]
    for argument, default in pairs:
        if argument.arg == parameter and isinstance(default, ast.Constant):
            return str(default.value)
    return ""
