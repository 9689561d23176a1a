"""Text that people type, bounded and free of control characters, before it is kept."""

import unicodedata

_ALLOWED_CONTROLS = frozenset("\n\r\t")


def is_plain(text: str, longest: int) -> bool:
    """Whether a text is at most `longest` characters and holds no control character but line ends.

    Control characters break terminals, logs and exports, and nobody types them on purpose.
    """
    return len(text) <= longest and not any(
        unicodedata.category(character) == "Cc" and character not in _ALLOWED_CONTROLS
        for character in text
    )
