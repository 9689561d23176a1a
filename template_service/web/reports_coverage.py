"""How many were asked: the sentence without which no need stands on a page."""

import pyarrow as pa

from template_service.aggregates.report.figures import Area
from template_service.aggregates.report.wording import FLAG_NAMES, count, percent
from template_service.aggregates.vocabulary import ALL, ANY
from template_service.web.reports_figures import chosen, share


def coverage(table: pa.Table, area: Area, domain: str = ANY) -> str:
    """Asked of registered, or why that cannot be said; blank for a domain without figures here."""
    told = chosen(table, domain=domain, indicator="asked", breakdown=ALL)
    figure = told.one(area, "asked", domain=domain)
    if figure is None:
        return ""
    if figure.flag:
        return f"How many people were asked is not shown: {FLAG_NAMES[figure.flag].lower()}."
    if figure.value is None:
        return f"{count(figure.numerator)} people were asked. The number registered is not known."
    reading = share(figure)
    compared = ""
    if figure.comparison is not None:
        compared = f", {reading.against.lower()} {'to' if reading.against == 'Similar' else 'than'}"
        compared += f" the city’s {percent(figure.comparison, 1)}"
    return (
        f"{count(figure.numerator)} of {count(figure.denominator)} registered people were asked"
        f" ({reading.text}{compared})."
    )
