"""FHIRPath read word by word: which variables and linkIds an expression names, without running it.

Enough for reports and for renaming; what an expression means is for `expressions` to say.
"""

import re
from collections.abc import Callable, Sequence

# Each alternative matches wherever it may begin, so that reading takes linear time; a literal
# without its end runs to the end of the text.
_TOKEN = re.compile(r"'(?:\\.|[^'\\])*+'?|%?`[^`]*+`?|%'[^']*+'?|[%$]?[A-Za-z_]\w*+|\S", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_COMPARISONS = frozenset("=~")
_LISTING = frozenset({"|", "(", ","})
_LINK_ID = "linkId"


def variables_of(expression: str) -> tuple[str, ...]:
    """The names after `%`, each once, in order."""
    names = (text.strip("%`'") for text in _TOKEN.findall(expression) if text[0] == "%")
    return tuple(dict.fromkeys(name for name in names if name))


def links_of(expression: str) -> tuple[str, ...]:
    """The texts that an expression compares with a linkId, each once, in order."""
    words = _TOKEN.findall(expression)
    found = (
        _unquoted(word)
        for index, word in enumerate(words)
        if word[0] == "'" and _compared_with(words, index) == _LINK_ID
    )
    return tuple(dict.fromkeys(found))


def with_literals(expression: str, renamed: Callable[[str], str | None]) -> str:
    """The expression with its linkIds renamed: literals for which `renamed` gives a new text.

    A literal compared with another property (`code = 'yes'`) is no linkId and stays.
    """
    matches = list(_TOKEN.finditer(expression))
    words = [match[0] for match in matches]
    parts: list[str] = []
    end = 0
    for index, match in enumerate(matches):
        text = renamed(_unquoted(match[0])) if match[0][0] == "'" else None
        if text is not None and _compared_with(words, index) in (_LINK_ID, None):
            parts += [expression[end : match.start()], quoted(text)]
            end = match.end()
    return "".join((*parts, expression[end:]))


def with_variable(expression: str, name: str, text: str) -> str:
    """The expression with a variable replaced by a literal text."""
    return _TOKEN.sub(
        lambda match: quoted(text) if match[0] == f"%{name}" else match[0], expression
    )


def concatenated(expression: str) -> str | None:
    """The text of literals put together with `+` or `&`, or None when it is anything else."""
    words = _TOKEN.findall(expression)
    joined = all(word in "+&" for word in words[1::2]) and len(words) % 2 == 1
    literals = words[::2]
    if joined and all(word[0] == "'" and len(word) > 1 for word in literals):
        return "".join(map(_unquoted, literals))
    return None


def quoted(text: str) -> str:
    """A text as a FHIRPath literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _unquoted(literal: str) -> str:
    return _ESCAPE.sub(r"\1", literal[1:].removesuffix("'"))


def _compared_with(words: Sequence[str], index: int) -> str | None:
    """The property that the literal at an index is compared with, or None when with none."""
    start = index
    while start and (words[start - 1] in _LISTING or words[start - 1][0] == "'"):
        start -= 1
    if start and words[start - 1] == "in":
        return _name(words, start - 2)
    if index and words[index - 1] in _COMPARISONS:
        before = index - 2
        return _name(words, before - 1 if words[before] == "!" else before)
    after = index + 1
    if after < len(words) and words[after] == "!":
        after += 1
    if after + 1 < len(words) and words[after] in _COMPARISONS:
        after += 1
        while after + 2 < len(words) and words[after + 1] == ".":
            after += 2
        return _name(words, after)
    return None


def _name(words: Sequence[str], index: int) -> str | None:
    word = words[index] if 0 <= index < len(words) else ""
    return word if word and (word[0].isalpha() or word[0] in "_$") else None
