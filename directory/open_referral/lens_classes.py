"""The terms that classify a service, and the needs they stand for."""

from collections.abc import Iterator, Mapping

from directory.open_referral.attributes import NEED_OF_TERM, field_of
from directory.open_referral.lens_contact import Part
from directory.open_referral.lens_text import plain
from directory.open_referral.records import Record
from directory.open_referral.service_graph import ServiceGraph
from directory.taxonomies import Crosswalk, Term


def classifying(graph: ServiceGraph) -> tuple[Record, ...]:
    """The attributes that classify the service; our additions classify nothing."""
    terms = {it.id: it for it in graph.of("taxonomy_term")}
    return tuple(
        it
        for it in graph.linked("attribute", "link_id", graph.service.id)
        if field_of(it, terms) is None and it.fields.get("taxonomy_term_id")
    )


def needs(graph: ServiceGraph, terms: Crosswalk) -> Part:
    """The field `needs`, and a note on every term that stands for none."""
    found: dict[str, None] = {}
    by_id = {it.id: it for it in graph.of("taxonomy_term")}
    taxonomies = {it.id: it for it in graph.of("taxonomy")}
    for attribute in classifying(graph):
        term_id = str(attribute.fields["taxonomy_term_id"])
        if term_id in NEED_OF_TERM:
            found[NEED_OF_TERM[term_id]] = None
            continue
        term = by_id.get(term_id)
        if term is None:
            yield "", f"needs: term {term_id} is not in the source"
            continue
        meant = next(filter(None, map(terms.needs_of, _terms(term, taxonomies))), ())
        found |= dict.fromkeys(meant)
        if not meant:
            yield "", f"needs: {plain(term.fields.get('name'))!r} is mapped to no need"
    yield "needs", tuple(found)


def _terms(term: Record, taxonomies: Mapping[str, Record]) -> Iterator[Term]:
    """The ways a feed may mean a term: by its code, by its id, by what it calls `term`."""
    fields = term.fields
    taxonomy = taxonomies.get(str(fields.get("taxonomy_id")))
    said = taxonomy.fields if taxonomy else {}
    label = plain(fields.get("name"))
    uri = str(fields.get("term_uri") or "")
    for vocabulary in dict.fromkeys((fields.get("taxonomy"), said.get("uri"), said.get("name"))):
        for code in dict.fromkeys((fields.get("code"), fields.get("term"), term.id)):
            if code and (vocabulary or taxonomy is None):
                yield Term(str(vocabulary or ""), str(code), label, uri)
