"""How a made-up person answers: more need where the deprivation decile is lower, all at random."""

from random import Random

from template_service.questionnaire.answers import Answers, Value
from template_service.questionnaire.form import Domain, Form, Item, Option

# Chance of a need in the middle of the gradient, made up for the demonstration; other domains 0.10.
NEED_RATES = {"money": 0.22, "housing": 0.18, "energy": 0.16, "food": 0.13, "safety": 0.02}
DEFAULT_RATE = 0.10

# A straight social gradient: decile 1 has 1.75 times the middle rate, decile 10 a quarter of it.
STEEPNESS = 1.75
STEP = 1.5 / 9

ASKED_SHARE = 0.85
DECLINED_SHARE = 0.05
UNSURE_SHARE = 0.03
ALONE_SHARE = 0.7
ASKED_REST_SHARE = 0.3
WANTS_HELP = (("yes-now", 35), ("later", 15), ("already-has-help", 15), ("no", 35))


def synthetic_answers(form: Form, *, decile: int | None, age: int, random: Random) -> Answers:
    """Answers of one made-up person to the Leeds template; deterministic in `random`.

    Never an urgent tick on its own: urgent cards arise from chosen options, as often as those are
    drawn.
    """
    answers: dict[str, tuple[Value, ...]] = {}
    answers["who"] = (_option(form, "who", "patient" if age >= 16 else "parent"),)
    answers["seen-alone"] = (random.random() < ALONE_SHARE,)
    answers["household"] = (random.choice(_choices(form.items["household"])),)
    answers["tenure"] = (random.choice(_choices(form.items["tenure"])),)
    for domain in form.domains:
        if domain.gate is None or answers["seen-alone"] == (True,):
            answers |= _domain_answers(form, domain, decile=decile, random=random)
    answers["asked-rest"] = (random.random() < ASKED_REST_SHARE,)
    return {link_id: answers[link_id] for link_id in form.items if link_id in answers}


def need_rate(domain_id: str, decile: int | None) -> float:
    """The made-up chance of a need in a domain at a deprivation decile (1 most deprived)."""
    factor = 1.0 if decile is None else STEEPNESS - STEP * (decile - 1)
    return NEED_RATES.get(domain_id, DEFAULT_RATE) * factor


def _domain_answers(
    form: Form, domain: Domain, *, decile: int | None, random: Random
) -> dict[str, tuple[Value, ...]]:
    if random.random() > ASKED_SHARE:
        return {}
    state = _state(domain, decile, random)
    screen = {domain.screen.link_id: (_option(form, domain.screen.link_id, state),)}
    if state != "need":
        return dict(screen)
    wants = random.choices([code for code, _ in WANTS_HELP], weights=[n for _, n in WANTS_HELP])[0]
    follow_ups = {
        item.link_id: (random.choice(_choices(item)),)
        for item in domain.follow_ups
        if item.options and not _has_own_rule(form, item) and random.random() < 0.8
    }
    return {
        **screen,
        **follow_ups,
        domain.wants_help.link_id: (_option(form, domain.wants_help.link_id, wants),),
    }


def _has_own_rule(form: Form, item: Item) -> bool:
    """Whether more than the row decides if it is asked (the household); left out, to stay valid."""
    return item.parent is None or item.enabled_by != form.items[item.parent].enabled_by


def _state(domain: Domain, decile: int | None, random: Random) -> str:
    draw = random.random()
    if draw < DECLINED_SHARE:
        return "declined"
    if draw < DECLINED_SHARE + UNSURE_SHARE:
        return "unsure"
    return "need" if random.random() < need_rate(domain.id, decile) else "no-need"


def _choices(item: Item) -> list[Option]:
    """Options drawn at random: the ones that raise an urgent card come up a tenth as often."""
    return [option for option in item.options for _ in range(1 if option.urgent else 10)]


def _option(form: Form, link_id: str, code: str) -> Option:
    return next(option for option in form.items[link_id].options if option.code == code)
