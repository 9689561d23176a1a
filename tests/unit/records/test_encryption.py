"""What lies on the disk: no identity and no free text, in any file of the store."""

import sqlite3
from pathlib import Path

import pytest

from template_service.records import cards, people, referrals, responses, revisions
from template_service.records.keys import KeyProblem, Keys
from template_service.records.store import Store
from template_service.referral.states import State, Urgency
from tests.unit.records.practice import ANN, BY, NOW, PCN, PRACTICE, found_city, save

SECRETS = [
    b"Quillfeather",
    b"Annabellina",
    b"9990000018",
    b"999 000 0018",
    b"1980-02-29",
    b"LS99 9ZZ",
    b"my landlord Bramblewick",
    b"0113 496 0000",
    b"after her sister leaves",
    b"spoke to Thistledown",
    b"moved to Oakhampton Row",
]


def _fill(store: Store, person_id: str) -> None:
    with store.write() as conn:
        saved = save(conn, person_id, body=b'{"text": "my landlord Bramblewick, 9990000018"}')
        (card,) = cards.raise_cards(
            conn,
            PRACTICE,
            person_id=person_id,
            response_id=saved.head.response_id,
            card_ids=["no_food"],
            at=NOW,
            **BY,
        )
        cards.acknowledge(
            conn, PRACTICE, card.card_row_id, at=NOW, note="spoke to Thistledown", **BY
        )
        referral = referrals.add_referral(
            conn,
            PRACTICE,
            pcn_code=PCN,
            person_id=person_id,
            response_id=saved.head.response_id,
            needs=["food-aid"],
            reason="after her sister leaves",
            safe_contact="0113 496 0000",
            consent=True,
            urgency=Urgency.ROUTINE,
            at=NOW,
            **BY,
        )
        referrals.move(
            conn, referral, State.DECLINED, at=NOW, reason="moved to Oakhampton Row", **BY
        )


def test_no_file_of_the_store_holds_identity_or_free_text(tmp_path: Path) -> None:
    city = found_city(tmp_path / "records.sqlite", durable=True)
    _fill(city.store, city.person.person_id)
    while_open = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    city.store.close()
    closed = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"no_food" in closed
    assert [secret for secret in SECRETS if secret in while_open + closed] == []


def test_everything_opens_again_after_the_keys_were_rotated(tmp_path: Path) -> None:
    city = found_city(tmp_path / "records.sqlite")
    _fill(city.store, city.person.person_id)
    city.store.close()
    store = Store.open(tmp_path / "records.sqlite", city.keys.rotated())
    with store.read() as conn:
        assert people.find_by_nhs_number(conn, PRACTICE, "9990000018") == city.person
        (referral,) = referrals.referrals_of(conn, PRACTICE, city.person.person_id)
        assert referral.safe_contact == "0113 496 0000"
        head = responses.responses_of(conn, PRACTICE, city.person.person_id)[0]
        body = revisions.revision(conn, PRACTICE, head.response_id, 1)
        assert body is not None
        assert b"Bramblewick" in body.body
    store.close()


def test_other_keys_open_nothing_and_say_so_without_content(tmp_path: Path) -> None:
    city = found_city(tmp_path / "records.sqlite")
    city.store.close()
    store = Store.open(tmp_path / "records.sqlite", Keys.generate())
    with store.read() as conn, pytest.raises(KeyProblem, match="a key that is not here"):
        people.person(conn, PRACTICE, city.person.person_id)
    store.close()


def test_identity_swapped_between_two_people_is_noticed(tmp_path: Path) -> None:
    city = found_city(tmp_path / "records.sqlite")
    with city.store.write() as conn:
        other = people.add_person(
            conn, PRACTICE, people.PersonDetails(family_name="Marrowby"), at=NOW
        )
    city.store.close()
    with sqlite3.connect(tmp_path / "records.sqlite") as raw:
        raw.execute(
            "UPDATE person SET family_name = (SELECT family_name FROM person WHERE person_id = ?)"
            " WHERE person_id = ?",
            (other.person_id, city.person.person_id),
        )
    raw.close()
    store = Store.open(tmp_path / "records.sqlite", city.keys)
    with store.read() as conn, pytest.raises(KeyProblem, match="changed or moved"):
        people.person(conn, PRACTICE, city.person.person_id)
    store.close()


def test_an_error_of_the_driver_repeats_no_value(tmp_path: Path) -> None:
    city = found_city(tmp_path / "records.sqlite")
    with pytest.raises(sqlite3.IntegrityError) as caught, city.store.write() as conn:
        people.add_person(conn, "Y99999", ANN, at=NOW)
    assert not [secret for secret in SECRETS if secret.decode() in str(caught.value)]
    city.store.close()
