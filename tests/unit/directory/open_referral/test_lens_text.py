"""Text of strangers: markup gone, nothing that runs, and our own text unharmed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.open_referral.lens_text import is_safe_link, plain, written


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Plain text, 2 < 3 & more", "Plain text, 2 < 3 & more"),
        ("<p>Ring us.</p><p>Or come.</p>", "Ring us.\nOr come."),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("Fish &amp; chips &#163;2", "Fish & chips £2"),
        ("A<script>alert(1)</script>B<style>p{}</style>", "AB"),
        (
            'See <a href="https://example.org/x">our page</a>.',
            "See our page (https://example.org/x).",
        ),
        ('<a href="javascript:alert(1)">Ring</a>', "Ring"),
        ('<a href="https://example.org/x">https://example.org/x</a>', "https://example.org/x"),
        ("<img src=x onerror=alert(1)>Help", "Help"),
        ("<!-- not shown -->Shown", "Shown"),
        ("<b>unclosed", "unclosed"),
        ("<p>a</p>\n\n\n   <p>b</p>", "a\nb"),
        (None, ""),
        (7, ""),
    ],
)
def test_what_a_reader_would_see(text: object, read: str) -> None:
    assert plain(text) == read


@given(st.text())
def test_what_is_written_is_read_back(text: str) -> None:
    assert plain(written(text)) == text


@given(st.text(alphabet="<>&;/ab#x!-\n\"'= "))
def test_text_that_looks_like_markup_is_read_back(text: str) -> None:
    assert plain(written(text)) == text


def test_plain_text_is_written_as_it_is() -> None:
    assert written("Mon < Tue, tea & cake") == "Mon < Tue, tea & cake"
    assert written("<b>Mon</b>") == "&lt;b&gt;Mon&lt;/b&gt;"


@pytest.mark.parametrize(
    "url",
    ["javascript:x", " JavaScript:x", "java\nscript:x", "\x01javascript:x", "data:text/html,x"],
)
def test_links_that_run_code_are_known(url: str) -> None:
    assert not is_safe_link(url)


@pytest.mark.parametrize("url", ["https://example.org", "www.example.org", "mailto:a@example.org"])
def test_other_links_are_safe(url: str) -> None:
    assert is_safe_link(url)
