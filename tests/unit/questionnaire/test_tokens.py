"""FHIRPath read word by word: the names in it, and its linkIds renamed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.questionnaire.tokens import (
    concatenated,
    links_of,
    quoted,
    relinked,
    variables_of,
    with_variable,
)
from tests.unit.questionnaire.counting import lines_run


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
        ("where(('a' | 'b') contains linkId)", ("a", "b")),
        ("where(linkId in ('a' | %x | 'b'))", ("a", "b")),
        ("where(`linkId` = 'a')", ("a",)),
        ("// linkId = 'a'\nlinkId = 'b'", ("b",)),
        ("/* it's a remark */ linkId = 'b' // isn't it", ("b",)),
    ],
)
def test_linkids(expression: str, links: tuple[str, ...]) -> None:
    assert links_of(expression) == links


def test_renaming_keeps_everything_else() -> None:
    renamed = {"a": "x'a", "b": "x.b"}
    text = "where( linkId='a' ) | answers(\"b\", 'b')  // 'c'\n | code = 'a'"
    assert relinked(text, renamed.get)[0] == (
        "where( linkId='x\\'a' ) | answers(\"b\", 'x.b')  // 'c'\n | code = 'a'"
    )
    assert relinked(text, lambda _: None)[0] == text


@pytest.mark.parametrize(
    "text",
    [
        "iif(linkId.exists(), '1', 'no')",
        "answer.value.code = '1'",
        "answer.value.where(code in ('1' | '2'))",
        "answer.value.toString() = '1'",
        "answer.value.code.replace('1', '2')",
        "('1' | '2').join(',')",
        "linkId.substring(0) = '1'",
        "linkId.matches('^1$') or linkId.startsWith('1')",
        "select($this & '1')",
        "/* linkId = '1' */ 1 // linkId = '1'",
        "'1'",
    ],
)
def test_literals_that_are_no_linkids_stay(text: str) -> None:
    assert relinked(text, lambda one: f"p.{one}")[0] == text


def test_what_is_not_renamed_is_told() -> None:
    text = "iif(linkId = '1', '1', answers('2') = '3') & '3' // '4'"
    assert relinked(text, {"1": "p.1"}.get) == (
        "iif(linkId = 'p.1', '1', answers('2') = '3') & '3' // '4'",
        ("1", "3"),
    )


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
    assert relinked(expression, lambda _: None)[0] == expression
    variables_of(expression)
    links_of(expression)
    concatenated(expression)


@pytest.mark.parametrize(
    ("before", "repeated"),
    [
        ("linkId in (", "'x'|"),
        ("'x' = a", ".a"),
        ("", "'x' = "),
        ("", "('x') contains "),
        ("", "answers("),
        ("", "/*"),
    ],
)
def test_reading_takes_work_in_proportion(before: str, repeated: str) -> None:
    few, many = (_work_of(before + repeated * times) for times in (50, 500))
    assert many < 12 * few


def _work_of(expression: str) -> int:
    """The work of reading an expression in every way."""

    def read() -> None:
        links_of(expression)
        variables_of(expression)
        relinked(expression, lambda text: text)

    return lines_run(read)
