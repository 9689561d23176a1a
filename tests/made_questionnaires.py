"""Questionnaires and responses to them, made from a seed: every item type, groups, repetitions.

For property tests of the engine as a whole. A made questionnaire is sound R4; a made response is
sound most of the time, and `spoil` makes it wrong in places.
"""

import base64
import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Resource = dict[str, Any]

CORE = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
CODES = "https://made.example/CodeSystem/codes"
UCUM = "http://unitsofmeasure.org"
_QUESTIONS = (
    *("boolean", "integer", "decimal", "date", "dateTime", "time", "string", "text", "url"),
    *("choice", "choice", "choice", "open-choice", "quantity", "attachment", "reference"),
)
_DEPTH = 3


def made_questionnaire(seed: int, *, coded: bool = False) -> Resource:
    """A sound questionnaire of up to some thirty items.

    With `coded` its questions carry codes and ask to be extracted as Observations and filled from
    them, and no question stands in a repetition.
    """
    return _Maker(Random(seed), coded=coded).questionnaire()


def made_response(questionnaire: Resource, seed: int) -> Resource:
    """A completed response to it; a few of them break a rule by chance."""
    random = Random(seed)
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{questionnaire['url']}|{questionnaire['version']}",
        "status": "completed",
        "subject": {"reference": "Patient/made"},
        "authored": "2026-11-23T09:30:00Z",
        "item": _answered(questionnaire["item"], random),
    }


def annotated(response: Resource) -> Resource:
    """A copy of a response with everything in its head and on its items that R4 allows there."""
    full = copy.deepcopy(response) | {
        "id": "made",
        "language": "en",
        "meta": {"profile": ["https://made.example/profile"], "tag": [{"code": "made"}]},
        "text": {
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml">Made</div>',
        },
        "identifier": {
            "system": "https://made.example/ids",
            "value": "1",
            "period": {"end": "2027"},
        },
        "basedOn": [{"reference": "CarePlan/made"}],
        "author": {"identifier": {"value": "made"}, "display": "Made author"},
        "extension": [copy.deepcopy(_EXTENSION)],
    }
    _annotate(full.get("item", []))
    return full


_EXTENSION: Resource = {
    "url": "https://made.example/StructureDefinition/made",
    "valueCodeableConcept": {"coding": [{"system": CODES, "code": "c1"}], "text": "Made"},
}


def _annotate(items: list[Resource]) -> None:
    for item in items:
        item |= {"id": "made", "text": "Text", "definition": "https://made.example/made"}
        item["extension"] = [copy.deepcopy(_EXTENSION)]
        for answer in item.get("answer", []):
            answer["extension"] = [copy.deepcopy(_EXTENSION)]
            _annotate(answer.get("item", []))
        _annotate(item.get("item", []))


def spoil(resource: Resource, seed: int) -> Resource:
    """A copy with arbitrary JSON put in one of its places, or a place taken away."""
    random, spoiled = Random(seed), copy.deepcopy(resource)
    holder, key = random.choice(list(_places(spoiled)))
    if random.random() < 0.3:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(random.choice(_ODD))
    return spoiled


_ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**12, 1.5, "", " ", "x", "2026-13-01", "2026", "a b", "http://x y"),
    *([], {}, [[]], [None], {"valueString": 1}, {"linkId": "q1"}, [{"linkId": "q1"}]),
    *({"value": "3"}, {"reference": 3}, {"system": 1, "code": 2}, {"valueCoding": {"code": " a"}}),
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


class _Maker:
    """One questionnaire in the making; `asked` are the questions so far."""

    def __init__(self, random: Random, *, coded: bool) -> None:
        self._random = random
        self._coded = coded
        self._count = 0
        self._asked: list[Resource] = []

    def questionnaire(self) -> Resource:
        number = self._random.randrange(10**6)
        return {
            "resourceType": "Questionnaire",
            "id": f"made-{number}",
            "url": f"https://made.example/Questionnaire/made-{number}",
            "version": "1",
            "status": "active",
            "subjectType": ["Patient"],
            "item": self._items(0),
        }

    def _items(self, depth: int) -> list[Resource]:
        return [self._item(depth) for _ in range(self._random.randint(1, 6))]

    def _item(self, depth: int) -> Resource:
        kind = self._random.choice(("group", "display", *_QUESTIONS))
        if kind == "group" and depth < _DEPTH:
            return self._group(depth)
        if kind in ("group", "display"):
            return self._named("display")
        return self._question(kind, depth)

    def _named(self, kind: str) -> Resource:
        self._count += 1
        return {"linkId": f"q{self._count}", "text": f"Text {self._count}", "type": kind}

    def _group(self, depth: int) -> Resource:
        group = self._condition(self._named("group"))
        if not self._coded:
            group["repeats"] = self._random.random() < 0.3
        return {**group, "item": self._items(depth + 1)}

    def _question(self, kind: str, depth: int) -> Resource:
        item = self._condition(self._named(kind))
        if self._random.random() < 0.15:
            item["required"] = True
        if not self._coded and self._random.random() < 0.2:
            item["repeats"] = True
        if kind in _DETAILS:
            item |= _DETAILS[kind](self._random)
        if self._coded:
            item["code"] = [{"system": CODES, "code": item["linkId"]}]
            item.setdefault("extension", []).extend(_OBSERVED)
        self._asked.append(item)
        if depth < _DEPTH and not self._coded and self._random.random() < 0.1:
            item["item"] = self._items(depth + 1)
        return item

    def _condition(self, item: Resource) -> Resource:
        usable = [each for each in self._asked if each["type"] in _COMPARED]
        if usable and self._random.random() < 0.3:
            chosen = self._random.sample(usable, min(len(usable), self._random.randint(1, 2)))
            item["enableWhen"] = [self._entry(each) for each in chosen]
            if len(chosen) > 1:
                item["enableBehavior"] = self._random.choice(("any", "all"))
        return item

    def _entry(self, question: Resource) -> Resource:
        if self._random.random() < 0.3:
            exists = self._random.random() < 0.7
            return {
                "question": question["linkId"],
                "operator": "exists",
                "answerBoolean": exists,
            }
        ordered = question["type"] in ("integer", "decimal", "date")
        operators = ("=", "!=", "<", "<=", ">", ">=") if ordered else ("=", "!=")
        [(kind, expected)] = _value(question, self._random).items()
        return {
            "question": question["linkId"],
            "operator": self._random.choice(operators),
            kind.replace("value", "answer"): expected,
        }


_COMPARED = ("boolean", "integer", "decimal", "date", "choice", "string")
_OBSERVED = (
    {"url": f"{SDC}/sdc-questionnaire-observationExtract", "valueBoolean": True},
    {
        "url": f"{SDC}/sdc-questionnaire-observationLinkPeriod",
        "valueDuration": {"value": 1, "unit": "year", "system": UCUM, "code": "a"},
    },
)


def _options(random: Random) -> Resource:
    codes = [f"c{number}" for number in range(random.randint(2, 5))]
    options: list[Resource] = [
        {"valueCoding": {"system": CODES, "code": code, "display": f"Choice {code}"}}
        for code in codes
    ]
    if random.random() < 0.4:
        for weight, option in enumerate(options):
            option["extension"] = [{"url": f"{CORE}/itemWeight", "valueDecimal": weight}]
    return {"answerOption": options}


def _bounds(random: Random) -> Resource:
    if random.random() < 0.5:
        return {}
    return {
        "extension": [
            {"url": f"{CORE}/minValue", "valueInteger": 0},
            {"url": f"{CORE}/maxValue", "valueInteger": 80},
        ]
    }


def _length(random: Random) -> Resource:
    return {"maxLength": 20} if random.random() < 0.5 else {}


def _units(_random: Random) -> Resource:
    units = ({"system": UCUM, "code": code, "display": code} for code in ("kg", "g"))
    return {
        "extension": [{"url": f"{CORE}/questionnaire-unitOption", "valueCoding": u} for u in units]
    }


_DETAILS: dict[str, Callable[[Random], Resource]] = {
    "choice": _options,
    "open-choice": _options,
    "integer": _bounds,
    "string": _length,
    "quantity": _units,
}


def _answered(items: list[Resource], random: Random) -> list[Resource]:
    found: list[Resource] = []
    for item in items:
        if item["type"] == "display" or random.random() < 0.25:
            continue
        if item["type"] == "group":
            times = random.randint(1, 3) if item.get("repeats") else 1
            inside = (_answered(item["item"], random) for _ in range(times))
            found.extend({"linkId": item["linkId"], "item": each} for each in inside if each)
        else:
            times = random.randint(1, 2) if item.get("repeats") else 1
            answers = [_value(item, random) for _ in range(times)]
            if inside_answer := _answered(item.get("item", []), random):
                answers[0]["item"] = inside_answer
            found.append({"linkId": item["linkId"], "answer": answers})
    return found


def _value(item: Resource, random: Random) -> Resource:
    """One answer to a question, right nearly always."""
    number = random.randint(0, 84)
    day = f"20{number % 26:02}-0{number % 9 + 1}-1{number % 10}"
    if item["type"] == "open-choice" and number < 30:
        return {"valueString": f"Other {number}"}
    if item["type"] in ("choice", "open-choice"):
        return {"valueCoding": dict(random.choice(item["answerOption"])["valueCoding"])}
    data = base64.b64encode(bytes([number])).decode()
    made: dict[str, Resource] = {
        "boolean": {"valueBoolean": number % 2 == 0},
        "integer": {"valueInteger": number},
        "decimal": {"valueDecimal": number / 4},
        "date": {"valueDate": day},
        "dateTime": {"valueDateTime": f"{day}T10:30:00Z"},
        "time": {"valueTime": f"10:{number % 60:02}:00"},
        "string": {"valueString": "word " * (number % 4 + 1) + "end"},
        "text": {"valueString": f"Line {number}\nand another"},
        "url": {"valueUri": f"https://made.example/{number}"},
        "quantity": {
            "valueQuantity": {"value": number, "unit": "kg", "system": UCUM, "code": "kg"}
        },
        "attachment": {"valueAttachment": {"contentType": "image/png", "data": data}},
        "reference": {"valueReference": {"reference": f"Practitioner/made-{number}"}},
    }
    return made[item["type"]]
