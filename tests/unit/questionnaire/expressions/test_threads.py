"""Eight threads at once get what one gets."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from template_service.questionnaire.expressions import engine
from template_service.questionnaire.expressions.evaluation import evaluate
from template_service.questionnaire.problems import QuestionnaireError
from tests.unit.questionnaire.expressions.samples import EXPRESSIONS, QUESTIONNAIRE, RESPONSE

TIMES = ("now()", "timeOfDay()")


def said(expression: str) -> Any:
    try:
        return evaluate(
            expression, RESPONSE, {"resource": RESPONSE, "questionnaire": QUESTIONNAIRE}
        )
    except QuestionnaireError as error:
        return str(error)


def test_eight_threads_say_what_one_says() -> None:
    expressions = [each for each in EXPRESSIONS if each not in TIMES][::6]
    alone = [said(each) for each in expressions]
    engine._read.cache_clear()

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: [said(each) for each in expressions], range(8)))

    assert all(each == alone for each in together)
