"""Obligations of the provider that no other test shows (docs/obligations.md)."""

from datetime import datetime

from services.provider.service.stages import EXTENSION
from tests.unit.provider.bench import Bench
from tests.unit.provider.counter import do, hand_in, shown
from tests.unit.provider.test_places import SERVICE, act_of

ASSISTANCE = "almaty-oblast/targeted-social-assistance"


async def test_an_extension_of_targeted_assistance_is_thirty_days_and_told_at_once(busy_town: Bench) -> None:
    """Annex 4, clause 5(3): up to thirty calendar days; the notice is due within two working days."""
    answer = await hand_in(busy_town, ASSISTANCE, "employment_centre", "employment_centre")
    assert answer.status_code == 201, answer.text
    application = answer.json()["summary"]["application"]
    await do(busy_town, application, "procedure-2")
    started = datetime.fromisoformat((await shown(busy_town, application))["tasks"][-1]["started_at"])
    address, headers = f"/matters/{application}/extension", await busy_town.signed_in()
    extended = await busy_town.http.post(address, json={"reason": "тексеру"}, headers=headers)
    assert extended.status_code == 200, extended.text
    due = datetime.fromisoformat(extended.json()["tasks"][-1]["due_at"])
    # To the end of the thirtieth day after the one on which the task began; the day ends at 24:00 in Almaty.
    assert (due.date() - started.date()).days == 30
    (notice,) = extended.json()["notices"]
    assert notice["kind"] == EXTENSION
    assert datetime.fromisoformat(notice["issued_at"]) == busy_town.pki.clock.now()


async def test_what_was_refused_for_its_documents_is_taken_again_once_they_are_there(town: Bench) -> None:
    """Standard of 2012, clause 16(1): whoever makes up for what was missing is dealt with like everybody else."""
    refused = (await hand_in(town, SERVICE, papers=["application"])).json()
    assert refused["summary"]["state"] == "refused"
    assert {(g["code"], g["clause"]) for g in refused["decision"]["grounds"]} >= {
        ("identity-document-missing", "16(1)")
    }
    reasons = (await act_of(town, refused["summary"]["application"]))["values"]["reasons"]
    assert reasons["kk"].count("кемшіліктерді жойған жағдайда өтініш жалпы негіздерде қарастырылады") == 1
    assert reasons["ru"].endswith("заявление рассматривается на общих основаниях)")
    again = await hand_in(town, SERVICE)
    town.tick()
    assert (await act_of(town, again.json()["summary"]["application"]))["kind"] == "voucher"
