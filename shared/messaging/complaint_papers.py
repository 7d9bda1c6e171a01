"""What is printed of a complaint: the slip against which it was taken, and the written answer."""

from datetime import tzinfo
from xml.sax.saxutils import escape

from shared.kit.text import Text
from shared.printing.page import Page, PrintLanguage, print_page
from shared.regulations.complaints import AddresseeKind
from shared.regulations.hearing import Complaint, ComplaintState
from shared.regulations.model import Regulation

_SLIP = Text(kk="Шағымның қабылданғаны туралы талон", ru="Талон о приёме жалобы", en="Slip for the complaint")
_ANSWER = Text(kk="Шағымға жауап", ru="Ответ на жалобу", en="Answer to the complaint")
_REFUSAL = Text(
    kk="Шағымды қараудан бас тарту",
    ru="Отказ в рассмотрении жалобы",
    en="The complaint is refused consideration",
)
_ROWS = {
    "number": Text(kk="Нөмірі", ru="Номер", en="Number"),
    "accepted_at": Text(kk="Қабылданған күні мен уақыты", ru="Дата и время приёма", en="Accepted at"),
    "accepted_by": Text(kk="Қабылдаған адам", ru="Принял", en="Accepted by"),
    "complainant": Text(kk="Шағымданушы", ru="Заявитель", en="Complainant"),
    "postal_address": Text(kk="Пошталық мекенжайы", ru="Почтовый адрес", en="Postal address"),
    "addressee": Text(kk="Кімге", ru="Кому", en="Addressee"),
    "addressee_address": Text(kk="Мекенжайы, телефоны", ru="Адрес, телефон", en="Address, telephone"),
    "about": Text(kk="Шағым кімге", ru="На кого", en="About"),
    "answer": Text(kk="Жауап", ru="Ответ", en="Answer"),
    "answered_by": Text(kk="Жауап берген", ru="Ответил", en="Answered by"),
    "answered_at": Text(kk="Жауап берілген күні", ru="Дата ответа", en="Answered on"),
    "court": Text(kk="Сотқа жүгіну құқығы", ru="Право на обращение в суд", en="Right to go to court"),
}


def print_paper(complaint: Complaint, law: Regulation, zone: tzinfo, language: PrintLanguage, *, answer: bool) -> bytes:
    """The slip, or the answer, as a PDF. Takes its time: call it in a thread. The complaint is registered; for the
    answer, answered."""
    assert law.complaints is not None
    assert complaint.accepted_at is not None
    assert complaint.number is not None
    content, at = complaint.content, complaint.accepted_at.astimezone(zone)
    addressee = law.complaints.addressees[AddresseeKind(complaint.addressee)]
    reached = [addressee.address.pick(language) if addressee.address else None, addressee.telephone, addressee.website]
    values = {
        "number": complaint.number,
        "accepted_at": f"{at:%d.%m.%Y %H:%M}",
        "accepted_by": complaint.accepted_by_name,
        "complainant": content["names"],
        "addressee": addressee.name.pick(language),
        "addressee_address": ", ".join(part for part in reached if part),
    }
    if answer and complaint.answer is not None and complaint.answered_at is not None:
        values |= {
            "postal_address": content["postal_address"],
            "about": content["about"],
            "answer": complaint.answer["text"],
            "answered_by": complaint.answer["name"],
            "answered_at": f"{complaint.answered_at.astimezone(zone):%d.%m.%Y}",
            "court": law.complaints.court.pick(language),
        }
    rows = [(_ROWS[name].pick(language), escape(str(value))) for name, value in values.items() if value]
    refused = complaint.state == ComplaintState.REFUSED_CONSIDERATION
    title = (_REFUSAL if refused else _ANSWER) if answer else _SLIP
    return print_page(Page(title.pick(language), law.service.pick(language), rows, complaint.number, language))
