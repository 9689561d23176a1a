"""The cookie of a signed-in session: its name, and how it is read, set and cleared.

It holds a random value and nothing else; who it stands for is kept in the store
(`access.sessions`). Its limits are kept there too, so that the browser's clock decides nothing.
"""

from flask import Request
from werkzeug.wrappers import Response

from template_service.settings import Settings


def name(settings: Settings) -> str:
    """The cookie's name; `__Host-` binds it to this host, over HTTPS, for the whole site."""
    return "__Host-session" if settings.cookie_secure else "session"


def read(request: Request, settings: Settings) -> str | None:
    """The value the browser sent, or None."""
    return request.cookies.get(name(settings)) or None


def give(response: Response, value: str, settings: Settings) -> None:
    """Gives the browser a session's value; it forgets it when it closes."""
    response.set_cookie(
        name(settings),
        value,
        secure=settings.cookie_secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def take_back(response: Response, settings: Settings) -> None:
    """Makes the browser forget the session."""
    response.delete_cookie(
        name(settings), secure=settings.cookie_secure, httponly=True, samesite="Lax", path="/"
    )
