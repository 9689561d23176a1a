"""The directory for every role: search it, filter it by need, read one service."""

from flask import render_template, request, url_for

from directory.model import NEEDS, Service
from template_service import clock
from template_service.errors import NotFound
from template_service.web.blueprint import blueprint, service
from template_service.web.service_view import present
from template_service.web.words import counted

# More than anybody reads on one page; a search narrows it.
_MOST = 100


@blueprint.get("/directory")
def directory() -> str:
    """Every service, or those that suit the words typed and help with the need chosen."""
    words = request.args.get("search", "").strip()
    need = request.args.get("need", "")
    found = _found(words, need)
    return render_template(
        "web/directory.html",
        search=words,
        needs=[{"value": "", "text": "Anything", "selected": not need}]
        + [
            {"value": code, "text": _upper(phrase), "selected": code == need}
            for code, phrase in sorted(NEEDS.items(), key=lambda item: item[1])
        ],
        heading=counted(len(found), "service", "services"),
        services=[
            present(one, clock.today(), href=url_for("web.service", service_id=one.id))
            for one in found
        ],
    )


@blueprint.get("/directory/<service_id>", endpoint="service")
def one_service(service_id: str) -> str:
    """One service with everything known about it and where it was read."""
    try:
        found = service().directory.service(service_id)
    except KeyError:
        raise NotFound from None
    return render_template("web/service.html", service=present(found, clock.today()))


def _found(words: str, need: str) -> list[Service]:
    known = service().directory
    listed = known.search(words, _MOST) if words else sorted(known.services(), key=lambda s: s.name)
    return [one for one in listed if not need or need in one.needs][:_MOST]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
