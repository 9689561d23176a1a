"""The list of questionnaires: what was begun or finished is found again, but for safety alone."""

import re

from template_service.actions.library import retire
from template_service.service import Service
from tests.web.conftest import make_person
from tests.web.questionnaire.conftest import BASE, AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_cards_elsewhere import finished
from tests.web.questionnaire.test_safety import MIXED
from tests.web.staff import Staff, words_of

ALONE = "Only when the person is seen alone"


def line(staff: Staff, person_id: str, title: str) -> str:
    """The line of a questionnaire in the list."""
    page = staff.get(f"/people/{person_id}/questionnaires").text
    lines = re.split(r'<li><a class="name"', page)
    [found] = [each for each in lines if f">{title}</a>" in each]
    return found


def links(staff: Staff, person_id: str, title: str) -> set[str]:
    """Where the private notes lead to for what was answered of a questionnaire."""
    page = staff.post(f"/people/{person_id}/private").text
    return set(re.findall(rf'<a href="([^"]+)">{title}</a>', page))


def test_one_with_a_part_about_safety_is_found_again_as_any_other(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form("list-mixed", *MIXED)
    address = f"/people/{person_id}/questionnaires/{form}"
    assert "Not started" in line(nurse, person_id, "About list-mixed")
    filling = Filling.open(nurse, person_id, form).answer("q:home", "Here")
    filling.press("save")
    told = line(nurse, person_id, "About list-mixed")
    assert "not finished" in told
    assert f'href="{address}"' in told
    filling.press("finish")
    told = line(nurse, person_id, "About list-mixed")
    assert f'href="{filling.page.request.path}"' in told
    assert ALONE not in told


def test_of_one_that_is_all_about_safety_nothing_is_told(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form("list-alone", MIXED[1])
    before = line(nurse, person_id, "About list-alone")
    assert ALONE in before
    finished(nurse, person_id, form, **{"q:hurt": "yes"})
    assert line(nurse, person_id, "About list-alone") == before
    assert "/results/" not in before
    assert "/results/" in nurse.post(f"/people/{person_id}/private").text


def test_one_with_a_version_all_about_safety_tells_nothing_either(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    add_form("list-versions", MIXED[1])
    later = add_form("list-versions", *MIXED, id="list-versions-2", version="2")
    before = line(nurse, person_id, "About list-versions")
    finished(nurse, person_id, later, **{"q:home": "Here"})
    assert line(nurse, person_id, "About list-versions") == before


def test_one_all_about_safety_that_is_retired_is_in_nobodys_list(
    nurse: Staff, service: Service, add_form: AddForm
) -> None:
    form = add_form("list-retired", MIXED[1])
    drafted, done, nobody = (make_person(service) for _ in range(3))
    finished(nurse, done, form, **{"q:hurt": "yes"})
    draft = Filling.open(nurse, drafted, form).answer("gate:seen-alone", "true")
    draft.answer("q:hurt", "yes").press("save")
    retire(service.store, service.forms, f"{BASE}/list-retired", by="test")
    for person_id in (drafted, done, nobody):
        listed = nurse.get(f"/people/{person_id}/questionnaires").text
        assert "About list-retired" not in listed
    # What was answered is reached from the private notes, and a draft goes on there.
    [result] = links(nurse, done, "About list-retired")
    assert "/results/" in result
    assert nurse.get(result).status_code == 200
    [place] = links(nurse, drafted, "About list-retired")
    assert place == f"/people/{drafted}/questionnaires/{form}"
    assert Filling.open(nurse, drafted, form).press("finish").status_code == 303
    [result] = links(nurse, drafted, "About list-retired")
    assert "/results/" in result


def test_one_safety_in_part_that_is_retired_stays_for_who_answered(
    nurse: Staff, service: Service, add_form: AddForm
) -> None:
    form = add_form("list-retired-mixed", *MIXED)
    done, nobody = make_person(service), make_person(service)
    finished(nurse, done, form, **{"q:home": "Here"})
    retire(service.store, service.forms, f"{BASE}/list-retired-mixed", by="test")
    assert "/results/" in line(nurse, done, "About list-retired-mixed")
    assert "About list-retired-mixed" not in nurse.get(f"/people/{nobody}/questionnaires").text


def test_earlier_results_are_linked_newest_first(nurse: Staff, person_id: str) -> None:
    done = []
    for _ in range(3):
        filling = Filling.open(nurse, person_id, "phq-4")
        for name, code in re.findall(r'name="(q:[^"]+)" value="([^"]+)"', filling.page.text):
            filling.answer(name, code)
        filling.press("finish")
        assert "/results/" in filling.page.request.path
        done.append(filling.page.request.path)
    page = nurse.get(f"/people/{person_id}/questionnaires").text
    [told] = [each for each in page.split('<li><a class="name"') if done[-1] in each]
    earlier = told.split("<summary>Earlier")[1]
    assert re.findall(r'href="([^"]+/results/[^"]+)"', earlier) == [done[1], done[0]]
    assert len(re.findall(r"Finished at \d\d:\d\d", words_of(earlier))) == 2
    assert done[-1] in told.split("<summary>")[0]
