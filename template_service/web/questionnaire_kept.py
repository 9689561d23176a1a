"""What was worked out of a compiled questionnaire, kept while the form itself is kept."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from template_service.questionnaire.form import Form

_T = TypeVar("_T")

# A form holds dictionaries and cannot be hashed; one of the library lives as long as the process.
_MOST = 64


class KeptByForm(Generic[_T]):
    """Results for the forms used last, by form and a name; safe to share between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, str], tuple[Form, _T]] = OrderedDict()
        self._lock = Lock()

    def get(self, form: Form, name: str, make: Callable[[], _T]) -> _T:
        """What was made for this form under this name, made now when it is not there."""
        key = (id(form), name)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            # The form is kept too: while it is, its id is nobody else's.
            found = form, make()
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > _MOST:
                    self._kept.popitem(last=False)
        return found[1]
