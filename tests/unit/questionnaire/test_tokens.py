"""FHIRPath read word by word: the names in it, and its linkIds renamed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.questionnaire.tokens import (
    concatenated,
    links_of,
    quoted,
    variables_of,
    with_literals,
    with_variable,
)


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("%a + %b.where(%a)", ("a", "b")),
        ("%`vs-x` | %'ext-y'", ("vs-x", "ext-y")),
        ("'%no' + %yes", ("yes",)),
        ("%", ()),
        ("", ()),
    ],
)
def test_variables(expression: str, names: tuple[str, ...]) -> None:
    assert variables_of(expression) == names


@pytest.mark.parametrize(
    ("expression", "links"),
    [
        ("item.where(linkId='a').answer", ("a",)),
        ("where('a' = linkId)", ("a",)),
        ("where(linkId != 'a' and linkId ~ 'b')", ("a", "b")),
        ("where(linkId in ('a' | 'b'))", ("a", "b")),
        ("where('a' = $this.linkId)", ("a",)),
        ("code.where($this = 'a')", ()),
        ("where(code = 'a' or display in ('b' | 'c'))", ()),
        ("where(linkId = 'it\\'s')", ("it's",)),
        ("answers('a')", ()),
    ],
)
def test_linkids(expression: str, links: tuple[str, ...]) -> None:
    assert links_of(expression) == links


def test_renaming_keeps_everything_else() -> None:
    renamed = {"a": "x'a", "b": "x.b"}
    text = "where( linkId='a' ) | answers(\"b\", 'b')  // 'c'\n | code = 'a'"
    assert with_literals(text, renamed.get) == (
        "where( linkId='x\\'a' ) | answers(\"b\", 'x.b')  // 'c'\n | code = 'a'"
    )
    assert with_literals(text, lambda _: None) == text


def test_a_variable_becomes_a_text() -> None:
    assert with_variable("%p + '%p' + %pp", "p", "it's") == "'it\\'s' + '%p' + %pp"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("'a.'", "a."),
        ("'a.' + 'b.' & 'c'", "a.b.c"),
        ("''", ""),
        ("%p + 'a'", None),
        ("'a' 'b'", None),
        ("'a' +", None),
        ("'", None),
        ("", None),
    ],
)
def test_texts_put_together(expression: str, text: str | None) -> None:
    assert concatenated(expression) == text


@given(st.text())
def test_a_literal_holds_any_text(text: str) -> None:
    assert concatenated(quoted(text)) == text
    assert links_of(f"linkId = {quoted(text)}") == (text,)


@given(st.text(alphabet="'\\%`\" ()|,.=!~linkIda", max_size=60))
def test_any_text_is_read_without_loss(expression: str) -> None:
    assert with_literals(expression, lambda _: None) == expression
    variables_of(expression)
    links_of(expression)
    concatenated(expression)
