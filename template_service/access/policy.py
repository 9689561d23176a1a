"""The policy: which roles may use which endpoint. An endpoint that is not here is closed to all."""

from collections.abc import Mapping
from enum import Enum

from template_service.access.principal import Principal, Role
from template_service.errors import Forbidden, Unauthenticated


class Public(Enum):
    """The mark of an endpoint that needs nobody signed in."""

    PUBLIC = "public"


PUBLIC = Public.PUBLIC
Rule = frozenset[Role] | Public

# A connected system has no pages.
EVERYBODY = frozenset(Role) - {Role.INTEGRATOR}
PRACTICE = frozenset({Role.CLINICIAN, Role.CARE_NAVIGATOR})
CARERS = PRACTICE | {Role.LINK_WORKER}
SYSTEMS = PRACTICE | {Role.INTEGRATOR}
FOR_PUBLIC_HEALTH = frozenset({Role.PUBLIC_HEALTH})
CURATORS = frozenset({Role.CURATOR})

POLICY: Mapping[str, Rule] = {
    # running it
    "web.static": PUBLIC,
    "web.form_static": PUBLIC,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    # the language of a page is nobody's secret
    "web.choose_language": PUBLIC,
    # signing in
    "web.sign_in": PUBLIC,
    "web.sign_out": EVERYBODY,
    "web.home": EVERYBODY,
    # a person's template and plan
    "web.people": PRACTICE,
    "web.add_person": PRACTICE,
    "web.template": PRACTICE,
    "web.save_template": PRACTICE,
    "web.preview": PRACTICE,
    "web.plan": CARERS,
    "web.finish": PRACTICE,
    "web.give": CARERS,
    "web.give_print": CARERS,
    "web.refer": PRACTICE,
    # any other questionnaire: what is safety in it is `Principal.sees_safety`, not the route
    "web.questionnaires": CARERS,
    "web.questionnaire": CARERS,
    "web.save_questionnaire": CARERS,
    "web.look_at_questionnaire": CARERS,
    "web.questionnaire_result": CARERS,
    "web.questionnaire_styles": CARERS,
    # urgent cards: who sees which is `Principal.sees_safety`, not the route
    "web.acknowledge": PRACTICE,
    "web.call_clinician": PRACTICE,
    "web.private_cards": frozenset({Role.CLINICIAN}),
    # referrals
    "web.worklist": frozenset({Role.LINK_WORKER}),
    "web.referral": CARERS,
    "web.move_referral": CARERS,
    # the directory
    "web.directory": EVERYBODY,
    "web.service": EVERYBODY,
    "web.flag_service": EVERYBODY,
    # the link an organisation was sent: its token is the right to suggest, and to nothing else
    "web.suggest": PUBLIC,
    # curation
    "web.curate": CURATORS,
    "web.curate_in_charge": CURATORS,
    "web.curate_next": CURATORS,
    "web.curate_services": CURATORS,
    "web.curate_bulk": CURATORS,
    "web.curate_service": CURATORS,
    "web.curate_rang": CURATORS,
    "web.curate_put_back": CURATORS,
    "web.curate_dates": CURATORS,
    "web.curate_link": CURATORS,
    "web.curate_edit": CURATORS,
    "web.curate_proposals": CURATORS,
    "web.curate_decide": CURATORS,
    "web.curate_proposal": CURATORS,
    "web.curate_imports": CURATORS,
    "web.curate_import": CURATORS,
    "web.curate_run": CURATORS,
    "web.curate_publish": CURATORS,
    "web.curate_versions": CURATORS,
    "web.curate_version": CURATORS,
    "web.curate_compare": CURATORS,
    "web.curate_duplicates": CURATORS,
    "web.curate_pair": CURATORS,
    "web.curate_links": CURATORS,
    "web.curate_gaps": CURATORS,
    # the reports: a practice sees itself beside its network and the city, on the first page alone
    "web.reports": FOR_PUBLIC_HEALTH | PRACTICE,
    "web.city_report": FOR_PUBLIC_HEALTH,
    "web.pcn_report": FOR_PUBLIC_HEALTH,
    "web.city_report_file": FOR_PUBLIC_HEALTH,
    "web.pcn_report_file": FOR_PUBLIC_HEALTH,
    "web.gradient": FOR_PUBLIC_HEALTH,
    "web.equity": FOR_PUBLIC_HEALTH,
    "web.gaps": FOR_PUBLIC_HEALTH,
    "web.compare": FOR_PUBLIC_HEALTH,
    "web.indicators": FOR_PUBLIC_HEALTH,
    "web.indicator": FOR_PUBLIC_HEALTH,
    "web.release": FOR_PUBLIC_HEALTH,
    "web.release_file": FOR_PUBLIC_HEALTH,
    # FHIR
    "fhir.metadata": PUBLIC,
    "fhir.search_questionnaires": frozenset(Role),
    "fhir.read_questionnaire": frozenset(Role),
    "fhir.populate": SYSTEMS,
    "fhir.assemble": SYSTEMS,
    "fhir.create_questionnaire_response": SYSTEMS,
    "fhir.read_questionnaire_response": SYSTEMS | {Role.LINK_WORKER},
    "fhir.score": SYSTEMS,
    "fhir.validate": SYSTEMS,
    "fhir.extract": SYSTEMS,
    "fhir.extract_stored": SYSTEMS | {Role.LINK_WORKER},
    "fhir.search_operation_definitions": frozenset(Role),
    "fhir.read_operation_definition": frozenset(Role),
    "fhir.search_measures": frozenset(Role),
    "fhir.read_measure": frozenset(Role),
    # figures: whose they may be is `fhir_api.measure_areas`, not the route
    "fhir.evaluate_measure": SYSTEMS | FOR_PUBLIC_HEALTH,
    "fhir.search_measure_reports": SYSTEMS | FOR_PUBLIC_HEALTH,
    "fhir.read_measure_report": SYSTEMS | FOR_PUBLIC_HEALTH,
    # JSON
    "api.match": SYSTEMS | {Role.LINK_WORKER},
    "api.openapi": PUBLIC,
    # the open directory
    "oruk.about": PUBLIC,
    "oruk.nothing": PUBLIC,
    "oruk.services": PUBLIC,
    "oruk.service": PUBLIC,
    "oruk.organizations": PUBLIC,
    "oruk.organization": PUBLIC,
    "oruk.taxonomies": PUBLIC,
    "oruk.taxonomy": PUBLIC,
    "oruk.taxonomy_terms": PUBLIC,
    "oruk.taxonomy_term": PUBLIC,
    "oruk.service_at_locations": PUBLIC,
    "oruk.service_at_location": PUBLIC,
}


def authorise(endpoint: str, principal: Principal | None) -> None:
    """Let a principal use an endpoint, or raise `Unauthenticated` or `Forbidden`.

    An endpoint without a rule is closed: forgetting one shows at once instead of opening a door.
    """
    rule = POLICY.get(endpoint, frozenset())
    if isinstance(rule, Public):
        return
    if principal is None:
        raise Unauthenticated
    if principal.role not in rule:
        raise Forbidden
