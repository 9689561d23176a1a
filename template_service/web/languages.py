"""The languages that forms offer beside English, for people and for what services speak."""

from collections.abc import Mapping
from typing import Final

from directory.languages import language_name

_CODES: Final = (
    *("ar", "bfi", "bn", "cs", "es", "fa", "fr", "it", "ku", "pa", "pl", "pt"),
    *("ro", "ru", "sk", "so", "ti", "tr", "uk", "ur", "vi", "yue", "zh"),
)

LANGUAGES: Final[Mapping[str, str]] = dict(
    sorted(((code, language_name(code)) for code in _CODES), key=lambda item: item[1])
)
"""BCP 47 codes and English names, by name."""
