"""Takes from a style sheet the rules that a list of classes and plain elements need.

The same sheet and the same classes always give the same extract: rules keep their order, one
stands on a line, and nothing in them is changed. Of the custom properties that the sheet sets
for the whole page only those stay that a rule of the extract reads.
"""

import re
from collections.abc import Iterator

COMMENT = re.compile(r"/\*.*?\*/", re.S)
BANNER = re.compile(r"/\*!.*?\*/", re.S)
NEGATION = re.compile(r":not\((?:[^()]|\([^()]*\))*\)")
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
THEME = "[data-bs-theme="
READ = re.compile(r"var\(\s*(--[\w-]+)")


def extract(sheet: str, classes: set[str]) -> str:
    """The extract as text, with the sheet's licence comment before it."""
    banner = BANNER.search(sheet)
    rules = list(_needed_rules(COMMENT.sub("", sheet), classes))
    text = "\n".join(_without_unread_properties(rules))
    return f"{banner.group()}\n{text}\n" if banner else f"{text}\n"


def _needed_rules(sheet: str, classes: set[str]) -> Iterator[str]:
    for head, body in _blocks(sheet):
        if head.startswith(("@media", "@supports")):
            inner = list(_needed_rules(body, classes))
            if inner:
                yield f"{head}{{{''.join(inner)}}}"
        elif not head.startswith("@"):
            selectors = [one for one in _split(head) if _is_needed(one, classes)]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """Every `head{body}` of one level. Statements without a block, such as @charset, are left out."""
    start = 0
    while (opening := sheet.find("{", start)) >= 0:
        head = sheet[start:opening].rpartition(";")[2].strip()
        end, depth = opening, 0
        for mark in re.finditer(r"[{}]|\"[^\"]*\"", sheet[opening:]):
            depth += {"{": 1, "}": -1}.get(mark.group(), 0)
            if depth == 0:
                end = opening + mark.start()
                break
        yield head, sheet[opening + 1 : end].strip()
        start = end + 1


def _split(selectors: str) -> list[str]:
    """At the commas outside brackets."""
    return [one.strip() for one in re.findall(r"(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\]|[^,])+", selectors)]


def _is_needed(selector: str, classes: set[str]) -> bool:
    wanted = NEGATION.sub("", selector)
    return THEME not in wanted and classes.issuperset(CLASS.findall(wanted))


def _without_unread_properties(rules: list[str]) -> list[str]:
    """Of the first rule, `:root`, only the custom properties that the others read, or that those read in turn."""
    root = [rule for rule in rules if rule.startswith(":root{--")]
    others = [rule for rule in rules if rule not in root]
    properties = dict(re.findall(r"(--[\w-]+):((?:\"[^\"]*\"|'[^']*'|[^;}])*)", "".join(root)))
    needed: set[str] = set()
    unread = {name for rule in others for name in READ.findall(rule)}
    while unread:
        needed |= unread
        unread = {name for read in unread for name in READ.findall(properties.get(read, ""))} - needed
    declarations = ";".join(f"{name}:{value}" for name, value in properties.items() if name in needed)
    return [f":root{{{declarations}}}", *others] if declarations else others
