"""Answers that need not be sent again: ETag, Last-Modified and 304 (RFC 9110)."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

from flask import Request, Response

from template_service import __version__

POSTCODE: Final = "postcode"

_DIGEST_BYTES: Final = 16
_REVALIDATE: Final = "public, no-cache"
# An address with a postcode is somebody's: no cache that others share may keep its answer.
_PRIVATE: Final = "private, no-cache"


def answered(
    request: Request, version: str, modified: datetime, make: Callable[[], Response]
) -> Response:
    """The answer, made only if the caller does not have it already.

    The ETag is of the version of the directory and everything asked; `modified` is when that
    version came into use.
    """
    answer = Response(status=304)
    _describe(answer, request, version, modified)
    if not _has(request, answer):
        answer = make()
        _describe(answer, request, version, modified)
    return answer


def _describe(answer: Response, request: Request, version: str, modified: datetime) -> None:
    asked = (__version__, version, request.path, request.query_string.decode("latin-1"))
    # What Accept decides is not in the address.
    parts = "\n".join((*asked, request.headers.get("Accept", "")))
    tag = hashlib.blake2b(parts.encode(), digest_size=_DIGEST_BYTES).hexdigest()
    answer.set_etag(tag, weak=True)
    answer.vary.add("Accept")
    if POSTCODE in request.args:
        # It changes with the table of postcodes too, whose date nobody keeps: its tag alone tells.
        answer.headers["Cache-Control"] = _PRIVATE
    else:
        answer.last_modified = modified
        answer.headers["Cache-Control"] = _REVALIDATE


def _has(request: Request, answer: Response) -> bool:
    """Whether the caller has this; a tag decides before a date (RFC 9110, 13.2.2)."""
    tag, _ = answer.get_etag()
    if request.if_none_match:
        return tag is not None and request.if_none_match.contains_weak(tag)
    since, modified = request.if_modified_since, answer.last_modified
    return since is not None and modified is not None and modified <= since
