"""What full text search reads of a service, in the columns of `service_text`.

`directory.searching.full_text` weighs the columns in this order.
"""

from typing import Final

from directory.languages import language_name
from directory.model import NEEDS, SYNONYMS, Service

INDEXED: Final = ("name", "organisation", "description", "needs", "synonyms", "details")
TOKENIZE: Final = "porter unicode61 remove_diacritics 2"


def search_text(service: Service) -> dict[str, str]:
    """The text of each indexed column."""
    return {
        "name": service.name,
        "organisation": service.organisation,
        "description": service.description,
        "needs": "\n".join(NEEDS[need] for need in service.needs),
        "synonyms": "\n".join(word for need in service.needs for word in SYNONYMS[need]),
        "details": "\n".join(_details(service)),
    }


def _details(service: Service) -> list[str]:
    """Where it is, whom it is for and how to get in, in its own words."""
    languages = [language_name(language) for language in service.languages]
    said = (service.address, service.postcode, service.eligibility, *service.access, *languages)
    return [text for text in said if text]
