"""Which results of a form count "don't know" as "no": what its check finds, for those who read."""

from functools import lru_cache
from itertools import takewhile

from template_service.questionnaire.checking.dont_know import check_dont_know
from template_service.questionnaire.checking.places import written_in
from template_service.questionnaire.checking.source import Report, Source
from template_service.questionnaire.checking.trials import question_of
from template_service.questionnaire.checking.work import Work
from template_service.questionnaire.form import Form


@lru_cache(maxsize=256)
def doubtful_results(form: Form) -> frozenset[str]:
    """The linkIds of calculated items that take "don't know" for "no", as `check` warns of them.

    Found once for a form, in the form's own language; a form that calculates nothing, or offers no
    such answer, is not tried.
    """
    if not _may_doubt(form):
        return frozenset()
    source, work = Source.of(form.resource), Work()
    # As in `check`: what has too much to read is not tried.
    for _ in takewhile(lambda one: work.read(len(one.text)), written_in(source)):
        pass
    return check_dont_know(source, form, work, Report()) if work.all_read else frozenset()


def _may_doubt(form: Form) -> bool:
    items = form.items.values()
    return any(item.calculated is not None for item in items) and any(
        question is not None and question.open for question in map(question_of, items)
    )
