"""Metadata of `figures.csv` as CSVW (W3C, Metadata Vocabulary for Tabular Data, 2015)."""

from typing import Any, Final

from template_service.aggregates.figures import COLUMNS
from template_service.aggregates.report.context import DEMONSTRATION, ReportContext
from template_service.aggregates.report.wording import FLAG_NAMES, period_name
from template_service.aggregates.vocabulary import BREAKDOWNS, GEOGRAPHY_TYPES, INDICATORS

_KEY: Final = (
    *("period", "geography_type", "geography_code"),
    *("indicator", "domain", "breakdown", "category"),
)
_TITLES: Final = {
    "period": "Month, or first and last month",
    "geography_type": "Kind of area",
    "geography_code": "Code of the area",
    "geography_name": "Name of the area",
    "indicator": "What is counted",
    "domain": "Part of life, or any for at least one",
    "breakdown": "What people are grouped by",
    "category": "Group of people",
    "numerator": "People counted, rounded to a multiple of 5",
    "denominator": "People asked; for asked, people registered",
    "value": "Numerator over denominator, 0 to 1",
    "lower": "Lower end of the 95% interval",
    "upper": "Upper end of the 95% interval",
    "comparison": "Value of the city it was compared with",
    "significance": "Whether it is higher or lower than the city, or similar",
    "method": "Method of the interval",
    "flag": "Why there are no numbers",
}
_COUNT: Final = {"base": "integer", "minimum": "0"}
_DATATYPES: Final[dict[str, dict[str, str]]] = {
    "period": {"base": "string", "format": r"\d{4}-\d{2}(/\d{4}-\d{2})?"},
    "geography_type": {"base": "string", "format": "|".join(GEOGRAPHY_TYPES)},
    "indicator": {"base": "string", "format": "|".join(INDICATORS)},
    "breakdown": {"base": "string", "format": "|".join(BREAKDOWNS)},
    "numerator": _COUNT,
    "denominator": _COUNT,
    # Directly standardised rates may pass 1, so only the bound that always holds is stated.
    "value": {"base": "decimal", "minimum": "0"},
    "lower": {"base": "decimal", "minimum": "0"},
    "upper": {"base": "decimal", "minimum": "0"},
    "comparison": {"base": "decimal", "minimum": "0"},
    "significance": {"base": "string", "format": "higher|similar|lower"},
    "flag": {"base": "string", "format": "|".join(FLAG_NAMES)},
}


def metadata(about: ReportContext, *, file: str = "figures.csv") -> dict[str, Any]:
    """The metadata document that stands beside the CSV as `<file>-metadata.json`."""
    title = f"People’s needs and the help they get: {about.name}, {period_name(about.period)}"
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en-GB"}],
        "url": file,
        "dc:title": title,
        "dc:created": {"@value": about.generated.isoformat(), "@type": "xsd:date"},
        **({"dc:description": DEMONSTRATION} if about.demonstration else {}),
        "dialect": {"encoding": "utf-8", "header": True, "delimiter": ",", "quoteChar": '"'},
        "tableSchema": {
            "columns": [_column(name) for name in COLUMNS],
            "primaryKey": list(_KEY),
        },
    }


def _column(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "titles": name,
        "dc:description": _TITLES[name],
        "datatype": _DATATYPES.get(name, {"base": "string"}),
        "required": name in _KEY,
    }
