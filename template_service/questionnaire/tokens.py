"""FHIRPath read word by word: which variables and linkIds an expression names, without running it.

Enough for reports and for renaming; what an expression means is for `expressions` to say. Every
function takes time in proportion to the length of the expression.
"""

import re
from collections.abc import Callable, Iterator

# Each alternative matches wherever it may begin, so that reading takes linear time; a literal or a
# comment without its end runs to the end of the text.
_TOKEN = re.compile(
    r"//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
    r"|'(?:\\.|[^'\\])*+'?|%?`[^`]*+`?|%'[^']*+'?|[%$]?[A-Za-z_]\w*+|\S",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_COMMENTS = ("//", "/*")
_COMPARISONS = frozenset("=~")
_OPENING = frozenset("(|,")
_CLOSING = frozenset(")|,")
_LINK_ID = ("linkId", "`linkId`")
_ANSWERS = "answers"


def variables_of(expression: str) -> tuple[str, ...]:
    """The names after `%`, each once, in order."""
    if "%" not in expression:
        return ()
    names = (text.strip("%`'") for text in _TOKEN.findall(expression) if text[0] == "%")
    return tuple(dict.fromkeys(name for name in names if name))


def links_of(expression: str) -> tuple[str, ...]:
    """The texts that an expression compares with a linkId, each once, in order."""
    if _LINK_ID[0] not in expression:
        return ()
    words = _texts(_words(expression))
    return tuple(dict.fromkeys(_unquoted(words[index]) for index in sorted(_compared(words)[0])))


def relinked(expression: str, renamed: Callable[[str], str | None]) -> tuple[str, tuple[str, ...]]:
    """The expression with its linkIds renamed, and the texts of its other literals, each once.

    A linkId is a literal right beside `linkId` in a comparison or a list (`linkId = 'a'`,
    `linkId in ('a' | 'b')`), or an argument of `answers('a')`; it becomes what `renamed` gives,
    and stays when that is None. All else stays.
    """
    matches = _words(expression)
    words = _texts(matches)
    compared, arguments = _compared(words)
    links = compared | arguments
    parts: list[str] = []
    others: dict[str, None] = {}
    end = 0
    for index in _literals(words):
        if index not in links:
            others[_unquoted(words[index])] = None
        elif (text := renamed(_unquoted(words[index]))) is not None:
            parts += [expression[end : matches[index].start()], quoted(text)]
            end = matches[index].end()
    return "".join((*parts, expression[end:])), tuple(others)


def with_variable(expression: str, name: str, text: str) -> str:
    """The expression with a variable replaced by a literal text."""
    return _TOKEN.sub(
        lambda match: quoted(text) if match[0] == f"%{name}" else match[0], expression
    )


def concatenated(expression: str) -> str | None:
    """The text of literals put together with `+` or `&`, or None when it is anything else."""
    words = _texts(_words(expression))
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


def _words(expression: str) -> list[re.Match[str]]:
    """The words of an expression without its comments."""
    return [match for match in _TOKEN.finditer(expression) if match[0][:2] not in _COMMENTS]


def _texts(words: list[re.Match[str]]) -> list[str]:
    return [word[0] for word in words]


def _literals(words: list[str]) -> list[int]:
    return [index for index, word in enumerate(words) if word[0] == "'"]


def _compared(words: list[str]) -> tuple[set[int], set[int]]:
    """The indexes of the literals compared with a linkId, and of those given to `answers()`."""
    found = {index for index in _literals(words) if _is_compared(words, index)}
    arguments: set[int] = set()
    for start, end, listed in _brackets(words):
        looked_for = _at(words, start - 1) == "in" and _is_link_id(words, start - 2)
        if looked_for or (_at(words, end + 1) == "contains" and _ends_path(words, end + 2)):
            found.update(listed)
        elif _at(words, start - 1) == _ANSWERS:
            arguments.update(listed)
    return found, arguments


def _brackets(words: list[str]) -> Iterator[tuple[int, int, list[int]]]:
    """Where each pair of brackets begins and ends, and the literals that are whole parts of it."""
    around: list[tuple[int, list[int]]] = []
    for index, word in enumerate(words):
        if word == "(":
            around.append((index, []))
        elif word == ")" and around:
            start, listed = around.pop()
            if listed:
                yield start, index, listed
        elif word[0] == "'" and around and _is_whole(words, index):
            around[-1][1].append(index)


def _is_whole(words: list[str], index: int) -> bool:
    """Whether a literal is a whole argument, or a whole part of a list."""
    return _at(words, index - 1) in _OPENING and _at(words, index + 1) in _CLOSING


def _is_compared(words: list[str], index: int) -> bool:
    """Whether a literal is compared with a linkId: `linkId = 'a'`, `'a' != $this.linkId`."""
    before = _at(words, index - 1)
    if before in _COMPARISONS:
        return _is_link_id(words, index - (3 if _at(words, index - 2) == "!" else 2))
    if before == "in":
        return _is_link_id(words, index - 2)
    after = index + (2 if _at(words, index + 1) == "!" else 1)
    return _at(words, after) in _COMPARISONS and _ends_path(words, after + 1)


def _ends_path(words: list[str], index: int) -> bool:
    """Whether the path that begins there ends in a linkId."""
    while _at(words, index + 1) == ".":
        index += 2
    return _is_link_id(words, index)


def _is_link_id(words: list[str], index: int) -> bool:
    return _at(words, index) in _LINK_ID


def _at(words: list[str], index: int) -> str:
    return words[index] if 0 <= index < len(words) else ""
