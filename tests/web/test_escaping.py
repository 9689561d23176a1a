"""Nothing that somebody typed, or a questionnaire says, becomes markup of a page."""

import pytest
from flask import Flask, render_template_string

TYPED = '"></textarea><img src=x onerror=1>&<b>'
COMPONENTS = [
    ("textarea", "textarea", '{"label": {"text": "L"}, "id": "r", "name": "r", "value": typed}'),
    ("textarea", "textarea", '{"label": {"text": typed}, "id": "r", "name": "r"}'),
    ("input", "input", '{"label": {"text": "L"}, "id": "r", "name": "r", "value": typed}'),
    (
        "input",
        "input",
        '{"label": {"text": typed}, "hint": {"text": typed}, "id": "r", "name": "r"}',
    ),
    ("select", "select", '{"id": "r", "name": "r", "items": [{"text": typed, "value": typed}]}'),
    ("radios", "radios", '{"name": "r", "items": [{"text": typed, "hint": {"text": typed}}]}'),
    ("checkboxes", "checkboxes", '{"name": "r", "items": [{"text": typed, "value": typed}]}'),
    ("error-summary", "errorSummary", '{"titleText": typed, "errorList": [{"text": typed}]}'),
    ("error-summary", "errorSummary", '{"titleText": "T", "descriptionText": typed}'),
    ("button", "button", '{"text": typed, "name": typed, "value": typed}'),
    ("details", "details", '{"summaryText": typed, "text": typed}'),
    ("breadcrumb", "breadcrumb", '{"items": [{"text": typed, "href": "/"}]}'),
    ("inset-text", "insetText", '{"text": typed}'),
    ("tag", "tag", '{"text": typed}'),
]


@pytest.mark.parametrize(("folder", "macro", "parameters"), COMPONENTS)
def test_a_component_shows_what_was_typed_as_text(
    app: Flask, folder: str, macro: str, parameters: str
) -> None:
    source = (
        f'{{% from "nhsuk/components/{folder}/macro.jinja" import {macro} %}}'
        f"{{{{ {macro}({parameters}) }}}}"
    )
    with app.test_request_context("/"):
        shown = render_template_string(source, typed=TYPED)
    assert "<img" not in shown
    assert "<b>" not in shown
    assert "&lt;img" in shown
    # Escaped once: a second time would show people the escapes.
    assert "&amp;lt;" not in shown
