"""The package of documents: marks, scans, the request to certify, receipts."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse

from services.csc.endpoints.access import AskedLanguage, CurrentOperator, DocumentCode, MatterId
from services.csc.schemas.matters import MatterRead, PaperMarks, PaperRead, SignatureRead, SubmissionCreate
from services.csc.service.certification import Certification
from services.csc.service.matters import Matters
from services.csc.service.papers import Papers
from services.csc.service.receipts import ReceiptKind, Receipts
from services.csc.service.submission import Submission
from shared.kit.ids import sha256_hex
from shared.printing.page import PrintLanguage
from shared.web.access import Rule
from shared.web.openapi import then
from shared.web.uploads import FILES, UPLOAD, IncomingFile, file_answer

_BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}
_PRIVATE = {"Cache-Control": "private, no-cache"}


def papers_router(papers: Papers, access: Sequence[Any], readers: Rule, limit: int) -> APIRouter:
    """Documents on paper; ``readers`` lets in the systems that read them, ``limit`` bytes a scan."""
    router = APIRouter(tags=["documents"])
    rules = [Depends(rule) for rule in access]
    path = "/matters/{matter_id}/documents/{code}"

    @router.put(path, summary="Note that a document is there, compared, given back", dependencies=rules)
    async def mark_document(
        matter_id: MatterId, code: DocumentCode, body: PaperMarks, operator: CurrentOperator
    ) -> PaperRead:
        """422 for a document the regulation does not have handed in."""
        marks = {"present": body.present, "compared": body.compared, "returned": body.returned}
        return PaperRead.of(await papers.mark(operator, matter_id, code, **marks))

    # The limiter of the framework is the second line; the use case stops at the limit itself.
    @router.put(
        f"{path}/scan", summary="Attach a scan", dependencies=rules, openapi_extra=UPLOAD, max_body_size=2 * limit
    )
    async def scan_document(
        matter_id: MatterId,
        code: DocumentCode,
        incoming: IncomingFile,
        operator: CurrentOperator,
    ) -> PaperRead:
        """PDF, PNG or JPEG; 413 over the limit, 415 for other types or content that is not what it says."""
        return PaperRead.of(await papers.scan(operator, matter_id, code, incoming))

    @router.get(
        f"{path}/scan",
        summary="Read a scan",
        dependencies=rules,
        response_class=FileResponse,
        responses={200: {"content": FILES}},
    )
    async def get_scan(matter_id: MatterId, code: DocumentCode, operator: CurrentOperator) -> FileResponse:
        """The file as it was scanned; the look is in the access log."""
        scan, place = await papers.own_scan(operator, matter_id, code)
        return file_answer(place, scan["media_type"], scan["sha256"], scan["name"], "private, no-cache")

    @router.get(
        "/attachments/{sha256}",
        summary="A file by its digest, for systems that hold the signed request",
        dependencies=[Depends(readers)],
        response_class=Response,
        responses={200: {"content": FILES}},
    )
    async def get_content(sha256: str) -> Response:
        """Scans, and extracts of registries with their signatures. Whoever knows the digest holds the request that
        names it; the content under a digest never changes."""
        media_type, found = await papers.attachment(sha256)
        caching = "private, max-age=31536000, immutable"
        if isinstance(found, bytes):
            return Response(found, media_type=media_type, headers={"ETag": f'"{sha256}"', "Cache-Control": caching})
        return file_answer(found, media_type, sha256, None, caching)

    return router


def submission_router(
    certification: Certification,
    submission: Submission,
    receipts: Receipts,
    matters: Matters,
    access: Sequence[Any],
) -> APIRouter:
    """Certify and send, or refuse to accept."""
    router = APIRouter(
        prefix="/matters/{matter_id}", tags=["submission"], dependencies=[Depends(rule) for rule in access]
    )

    @router.get(
        "/document",
        summary="The bytes to sign",
        response_class=Response,
        responses=_BYTES,
        openapi_extra=then("sign_document", "submit_request"),
    )
    async def get_document(matter_id: MatterId, operator: CurrentOperator) -> Response:
        """Canonical JSON (RFC 8785), the same bytes for the same content; 409 names everything still missing."""
        content = await certification.document(operator, matter_id)
        headers = {"ETag": f'"{sha256_hex(content)}"', **_PRIVATE}
        return Response(content, media_type="application/json", headers=headers)

    @router.post("/sign", summary="Sign at the workplace with the operator's key", openapi_extra=then("submit_request"))
    async def sign_document(matter_id: MatterId, operator: CurrentOperator) -> SignatureRead:
        """Nothing is sent. 403 if the operator's certificate does not pass now."""
        return SignatureRead.of(await certification.sign(operator, matter_id))

    @router.post(
        "/submit",
        status_code=202,
        summary="Send the certified request (processes 5 and 6)",
        openapi_extra=then("get_matter", "hand_out"),
    )
    async def submit_request(
        matter_id: MatterId,
        operator: CurrentOperator,
        language: AskedLanguage,
        response: Response,
        body: SubmissionCreate | None = None,
    ) -> MatterRead:
        """202 also when it was sent before. 403: the operator's certificate does not pass, nothing was sent. 409 names
        what is missing. 503: the certificate could not be checked."""
        sent = await submission.submit(operator, matter_id, body.signature if body else None)
        response.headers["Location"] = f"/matters/{sent.id}"
        return MatterRead.of(await matters.view(sent), language)

    @router.post("/refuse-acceptance", summary="Refuse to accept an incomplete package")
    async def refuse_acceptance(matter_id: MatterId, operator: CurrentOperator, language: AskedLanguage) -> MatterRead:
        """Only if documents are missing (409 otherwise); the receipt of refusal lists them."""
        return MatterRead.of(await matters.view(await receipts.refuse_acceptance(operator, matter_id)), language)

    @router.get("/{kind}-receipt", summary="The receipt for the visitor")
    async def get_receipt(matter_id: MatterId, kind: ReceiptKind, operator: CurrentOperator) -> dict[str, Any]:
        """Group by group as the regulation lists them; texts in three languages. 404 while there is none."""
        return await receipts.receipt(operator, matter_id, kind)

    @router.get("/{kind}-receipt.pdf", summary="The receipt, printed", response_class=Response, responses=_PDF)
    async def get_printed_receipt(
        matter_id: MatterId, kind: ReceiptKind, operator: CurrentOperator, lang: PrintLanguage = "kk"
    ) -> Response:
        """One page in Kazakh or Russian."""
        pdf = await receipts.printed(operator, matter_id, kind, lang)
        return Response(pdf, media_type="application/pdf", headers={"Content-Language": lang, **_PRIVATE})

    return router
