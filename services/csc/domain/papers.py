"""The package of documents: what is asked of the visitor, what the registries give instead, what is still missing.

Item 9 of the standard names the documents; the regulation's file has them with the part of a registry record that
stands for one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.csc.domain.matter import Matter
from services.csc.domain.people import Centre
from services.csc.domain.states import Paper
from shared.kit.clock import rfc3339
from shared.regulations.documents import expected_from_registries, to_hand_in
from shared.regulations.enquiry import Enquiry
from shared.regulations.extracts import obtained_documents
from shared.regulations.model import Channel, Document


@dataclass(frozen=True)
class RegistryDocument:
    """An extract that stands for a document of the package, or that supports the request beside it."""

    document: str
    enquiry: Enquiry

    def as_attachment(self) -> dict[str, Any]:
        """How the signed request names it."""
        return {
            "document": self.document,
            "name": f"{self.enquiry.system}-{self.enquiry.about}.json",
            "media_type": "application/json",
            "size": self.enquiry.document_size,
            "sha256": self.enquiry.document_sha256,
        }


def registry_documents(
    channel: Channel, enquiries: Sequence[Enquiry], form: Mapping[str, Any]
) -> list[RegistryDocument]:
    """The extracts that were obtained, by the document each stands for."""
    found: list[RegistryDocument] = []
    for enquiry in enquiries:
        if not enquiry.found:
            continue
        codes = obtained_documents(channel, enquiry, form)
        found += (RegistryDocument(code, enquiry) for code in codes or [enquiry.about])
    return found


def asked_for(matter: Matter, channel: Channel, enquiries: Sequence[Enquiry]) -> tuple[Document, ...]:
    """The documents this visitor has to hand in. Before the registries have answered nobody knows which of theirs will
    be needed on paper."""
    if matter.reached("data_obtained"):
        obtained = {item.document for item in registry_documents(channel, enquiries, matter.form or {})}
    else:
        obtained = set(expected_from_registries(channel))
    return to_hand_in(channel, matter.form or {}, obtained)


def markable(channel: Channel, code: str) -> Document | None:
    """The document of that code, if one can be handed in on paper."""
    for document in channel.documents:
        on_paper = document.required != "from_registry" or document.otherwise is not None
        if document.code == code and document.kind != "signed_request" and on_paper:
            return document
    return None


def missing(matter: Matter, channel: Channel, enquiries: Sequence[Enquiry]) -> list[dict[str, Any]]:
    """The documents the visitor has not handed in: for these acceptance may be refused."""
    return [
        {"document": item.code, "name": item.name.model_dump(), "clause": item.clause}
        for item in asked_for(matter, channel, enquiries)
        if not matter.paper(item.code)["present"]
    ]


def unfinished(matter: Matter) -> list[dict[str, str]]:
    """What the operator still has to do with the documents that are there: compare, scan, give back the original."""
    left = []
    for paper in matter.papers:
        done = {"compare": paper["compared_at"], "scan": paper["scan"], "return": paper["returned_at"]}
        left += [
            {"document": paper["document"], "to": name} for name, at in done.items() if paper["present"] and not at
        ]
    return left


def scans(matter: Matter) -> list[dict[str, Any]]:
    """The scanned documents as the signed request names them."""
    return [
        {"document": paper["document"], **paper["scan"]}
        for paper in matter.papers
        if paper["present"] and paper["scan"]
    ]


def files_of(matter: Matter | None) -> set[str]:
    """The digests of the scans that a matter names; ``None`` names none."""
    if matter is None:
        return set()
    return {item["scan"]["sha256"] for item in (*matter.papers, *matter.demands) if item["scan"]}


@dataclass(frozen=True)
class Signer:
    """Who signs for the centre."""

    login: str
    name: str
    centre: Centre

    def as_operator(self) -> dict[str, Any]:
        """How a signed document names who certified it."""
        centre = self.centre
        described = {**centre.facts(), "bin": centre.bin, "name": centre.name.model_dump()}
        return {"login": self.login, "name": self.name, "centre": described}


def request_document(matter: Matter, channel: Channel, enquiries: Sequence[Enquiry], signer: Signer) -> dict[str, Any]:
    """The request as an electronic document; the same content for as long as the matter stays the same."""
    form = matter.form or {}
    extracts = [item.as_attachment() for item in registry_documents(channel, enquiries, form)]
    return {
        "kind": "application",
        "application": matter.id,
        "service": matter.service,
        "channel": matter.channel,
        "applicant": {"iin": form["applicant"]["iin"]},
        "operator": signer.as_operator(),
        "consent": {name: (matter.consent or {}).get(name) for name in ("id", "version", "given_at", "given_by")},
        "form": form,
        "documents": [_noted(paper) for paper in matter.papers if paper["present"]],
        "attachments": [*scans(matter), *extracts],
        "created_at": rfc3339(matter.created_at),
    }


def _noted(paper: Paper) -> dict[str, Any]:
    return {name: paper[name] for name in ("document", "compared_at", "returned_at")}
