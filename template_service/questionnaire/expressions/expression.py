"""The FHIR data type Expression: whether this service can run one."""

from typing import Any

FHIRPATH = "text/fhirpath"

_OTHER_LANGUAGES = {
    "text/cql": "CQL",
    "text/cql-identifier": "CQL",
    "text/cql-expression": "CQL",
    "application/x-fhir-query": "x-fhir-query",
}


def refused(expression: Any) -> str | None:
    """Why an Expression (FHIR R4 data types, "Expression") cannot be run; None when it can.

    What runs has the language text/fhirpath and its text; anything else gets a plain sentence.
    """
    if not isinstance(expression, dict):
        return "It is not an expression."
    language = expression.get("language")
    if language != FHIRPATH:
        named = _OTHER_LANGUAGES.get(language) if isinstance(language, str) else None
        if named is not None:
            return f"Expressions in {named} are not supported; only FHIRPath is."
        return "The language of an expression must be text/fhirpath."
    if isinstance(expression.get("expression"), str) and expression["expression"].strip():
        return None
    if "reference" in expression:
        return "An expression kept elsewhere (reference) is not fetched."
    return "The expression has no text."
