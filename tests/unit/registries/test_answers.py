"""Answers: bound to their request, signed by the registry, only what was asked for; every look is logged."""

import pytest

from shared.kit.ids import sha256_base64url
from shared.messages.extracts import BenefitKind, CapabilityStatus, DocumentStatus, LifeStatus, RestrictionKind
from shared.messages.registry import ByIIN, ByNames, ByParties, Part, RegistryAnswered
from shared.messages.systems import System
from shared.messages.types import MessageKind
from tests.unit.registries.bench import Bench, ground, person_extract

MOTHER, FATHER = "900412412107", "880319341013"
SON, DAUGHTER = "180603525616", "211125625724"


async def test_answer_is_bound_to_its_request(persons: Bench) -> None:
    request = persons.received(ByIIN(iin=MOTHER))
    await persons.deliver(request)
    (message,) = await persons.answers(request)
    answer = RegistryAnswered.model_validate(message.data)
    extract = person_extract(answer)
    digest = sha256_base64url(request.record.value)
    assert (message.requestdigest, message.causationid) == (digest, request.message.id)
    assert (extract.request.message_id, extract.request.digest) == (request.message.id, digest)
    assert (answer.request_id, extract.application) == (request.message.id, request.message.subject)
    assert (message.messagetype, message.serviceid) == (MessageKind.RESPONSE, "PersonData")
    assert (message.destination, message.subject) == (System.CSC, request.message.subject)


async def test_provider_is_answered_as_the_centre_is(persons: Bench) -> None:
    request = persons.received(ByIIN(iin=MOTHER), Part.BENEFITS, sender=System.PROVIDER)
    await persons.deliver(request)
    (message,) = await persons.answers(request)
    assert (message.destination, message.data["found"]) == (System.PROVIDER, True)
    (entry,) = await persons.log(iin=MOTHER)
    assert entry["system"] == "provider"


async def test_same_question_asked_twice_gets_two_different_extracts(persons: Bench) -> None:
    first, second = [person_extract(await persons.ask(ByIIN(iin=MOTHER))) for _ in range(2)]
    assert first.record == second.record
    assert first.request.digest != second.request.digest


async def test_extract_is_signed_by_the_registry(persons: Bench) -> None:
    answer = await persons.ask(ByIIN(iin=MOTHER), *Part)
    assert persons.verified(answer).passed
    assert answer.record is not None
    forged = answer.record.model_copy(update={"content": answer.record.content.replace("alive", "dead")})
    failure = persons.verified(answer.model_copy(update={"record": forged})).failure
    assert failure is not None
    assert failure.n == 5


async def test_only_what_was_asked_for_is_told(persons: Bench) -> None:
    answer = await persons.ask(ByIIN(iin=MOTHER))
    assert answer.record is not None
    extract = person_extract(answer)
    told = set(extract.record.model_dump(exclude_none=True))
    assert told == {"iin", "names", "sex", "birth_date", "citizenship", "life_status", "removed"}
    assert extract.included == ()
    for part in Part:
        assert f'"{part.value}":' not in answer.record.content


@pytest.mark.parametrize("part", list(Part))
async def test_each_part_is_told_when_asked_for(persons: Bench, part: Part) -> None:
    answer = await persons.ask(ByIIN(iin=MOTHER), part, part)
    assert answer.record is not None
    extract = person_extract(answer)
    assert extract.included == (part,)
    assert [other for other in Part if f'"{other.value}":' in answer.record.content.replace('"included"', "")] == (
        [Part.BIRTH_CERTIFICATE, Part.CHILDREN] if part is Part.CHILDREN else [part]
    )


async def test_children_come_with_birth_certificates(persons: Bench) -> None:
    record = person_extract(await persons.ask(ByIIN(iin=MOTHER), Part.CHILDREN, Part.SPOUSES)).record
    assert record.children is not None
    assert [child.iin for child in record.children] == [SON, DAUGHTER]
    for child in record.children:
        assert child.birth_certificate is not None
        own = person_extract(await persons.ask(ByIIN(iin=child.iin), Part.BIRTH_CERTIFICATE, Part.PARENTS)).record
        assert own.birth_certificate == child.birth_certificate
        assert {parent.iin for parent in own.parents or ()} == {MOTHER, FATHER}
    assert [spouse.iin for spouse in record.spouses or ()] == [FATHER]


async def test_every_look_is_logged(persons: Bench) -> None:
    await persons.ask(ByIIN(iin=MOTHER), Part.CHILDREN)
    (entry, *others) = await persons.log(iin=MOTHER)
    assert others == []
    assert {name: entry[name] for name in ("system", "asked_by", "regulation", "clause", "application", "consent")} == {
        "system": "csc",
        "asked_by": "operator-7",
        "regulation": "almaty-city/preschool-queue",
        "clause": "10(3)",
        "application": "application-1",
        "consent": "consent-1",
    }
    assert (entry["mode"], entry["searched"], entry["included"]) == ("iin", {"iin": MOTHER}, ["children"])
    assert (entry["outcome"], entry["role"], entry["looked_at"]) == ("found", "sought", "2026-06-02T09:00:00Z")
    # The children's data were told too.
    for child in (SON, DAUGHTER):
        (seen,) = await persons.log(iin=child)
        assert (seen["role"], seen["message_id"]) == ("relative", entry["message_id"])
    assert await persons.log(iin=FATHER) == []


async def test_fruitless_looks_are_logged_too(persons: Bench) -> None:
    await persons.ask(ByIIN(iin="700101390000"))
    (entry,) = await persons.log(iin="700101390000")
    assert entry["outcome"] == "absent"
    same = {"surname": "Ахметов", "given_name": "Ермек", "patronymic": "Болатұлы"}
    await persons.ask(ByNames(birth_date="1990-05-05", **same))
    (entry,) = await persons.log(outcome="ambiguous")
    assert (entry["iin"], entry["searched"]) == (None, {**same, "birth_date": "1990-05-05"})


async def test_request_read_again_is_answered_and_logged_once(persons: Bench) -> None:
    request = persons.received(ByIIN(iin=MOTHER))
    await persons.deliver(request)
    await persons.deliver(request)
    assert len(await persons.answers(request)) == 1
    assert len(await persons.log(iin=MOTHER)) == 1


@pytest.mark.parametrize(
    "changes", [{"application": "another"}, {"system": System.PROVIDER}, {"regulation": "almaty-city/other"}]
)
async def test_ground_of_another_matter_is_rejected(persons: Bench, changes: dict[str, str]) -> None:
    await persons.deliver(persons.received(ByIIN(iin=MOTHER), why=ground(**changes)))
    assert await persons.dead_letters() == ["ground"]
    assert await persons.answers() == []
    assert await persons.log() == []


async def test_search_of_the_other_registry_is_rejected(persons: Bench, notary: Bench) -> None:
    await persons.deliver(persons.received(ByParties(principal_iin=MOTHER, attorney_iin=FATHER)))
    await notary.deliver(notary.received(ByIIN(iin=MOTHER)))
    assert await persons.dead_letters() == await notary.dead_letters() == ["search-mode"]


async def test_rejected_request_does_not_fail_its_batch(persons: Bench) -> None:
    bad = persons.received(ByIIN(iin=MOTHER), why=ground("another"), application="application-1")
    good = persons.received(ByIIN(iin=MOTHER), application="application-2")
    await persons.deliver(bad, good)
    assert await persons.dead_letters() == ["ground"]
    (answer,) = await persons.answers()
    assert answer.subject == "application-2"


class TestMagicPersons:
    async def test_dead(self, persons: Bench) -> None:
        record = person_extract(await persons.ask(ByIIN(iin="491003342014"), Part.DEATH_CERTIFICATE)).record
        assert (record.life_status, str(record.died_on)) == (LifeStatus.DEAD, "2024-03-11")
        assert record.death_certificate is not None

    async def test_incapable_with_guardian(self, persons: Bench) -> None:
        parts = (Part.CAPABILITY, Part.GUARDIANSHIP)
        record = person_extract(await persons.ask(ByIIN(iin="850421442037"), *parts)).record
        assert record.capability is not None
        assert record.capability.status is CapabilityStatus.INCAPABLE
        assert record.capability.decision is not None
        assert [(item.relation, item.iin) for item in record.guardianship or ()] == [("guardian", "581205442048")]
        guardian = person_extract(await persons.ask(ByIIN(iin="581205442048"), *parts)).record
        assert [(item.relation, item.iin) for item in guardian.guardianship or ()] == [("ward", "850421442037")]
        assert guardian.capability is not None
        assert guardian.capability.status is CapabilityStatus.CAPABLE

    async def test_repatriate(self, persons: Bench) -> None:
        record = person_extract(await persons.ask(ByIIN(iin="910227342090"), Part.REPATRIATION)).record
        assert record.repatriation is not None
        assert record.repatriation.came_from is not None
        assert record.names.kk.patronymic is None

    async def test_expired_card(self, persons: Bench) -> None:
        record = person_extract(await persons.ask(ByIIN(iin="750515342229"), Part.IDENTITY_DOCUMENTS)).record
        cards = [document for document in record.identity_documents or () if document.type == "identity_card"]
        today = persons.pki.clock.now().date()
        assert cards
        assert not [
            c for c in cards if c.status is DocumentStatus.VALID and c.expires_on is not None and c.expires_on >= today
        ]

    @pytest.mark.parametrize(
        ("iin", "kind"),
        [
            ("190909542126", BenefitKind.ORPHAN),
            ("211212642192", BenefitKind.LARGE_FAMILY),
            ("200606642219", BenefitKind.CHILD_OF_PERSON_WITH_DISABILITY),
            ("841111342204", BenefitKind.DISABILITY),
        ],
    )
    async def test_benefits(self, persons: Bench, iin: str, kind: BenefitKind) -> None:
        record = person_extract(await persons.ask(ByIIN(iin=iin), Part.BENEFITS)).record
        assert [benefit.kind for benefit in record.benefits or ()] == [kind]

    async def test_missing_and_excluded(self, persons: Bench) -> None:
        missing = person_extract(await persons.ask(ByIIN(iin="930323342233"), Part.RESTRICTIONS)).record
        excluded = person_extract(await persons.ask(ByIIN(iin="871231442249"), Part.RESTRICTIONS)).record
        assert [item.kind for item in missing.restrictions or ()] == [RestrictionKind.MISSING]
        assert [item.kind for item in excluded.restrictions or ()] == [RestrictionKind.EXCLUDED]
        assert (missing.removed, excluded.removed) == (False, True)
