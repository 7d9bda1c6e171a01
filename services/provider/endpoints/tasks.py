"""HTTP of officers: the tasks of the procedure, one by one, and the register of public services."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from services.provider.domain.tasks import TaskState
from services.provider.endpoints.access import NO_NUL, ApplicationId, signed_in
from services.provider.schemas.matters import MatterRead
from services.provider.schemas.tasks import (
    CourseEnd,
    ExtensionCreate,
    HandOut,
    RegisterEntryRead,
    SupplementCreate,
    TaskDone,
    TaskRead,
)
from services.provider.service.desk import Desk
from services.provider.service.officers import Officer, Officers
from shared.regulations.terms import Role
from shared.web.paging import Pages

TaskId = Annotated[str, Path(pattern=r"^procedure-[0-9]+(-[0-9]+)?$")]


def tasks_router(desk: Desk, officers: Officers) -> APIRouter:
    """The work of each role."""
    router = APIRouter(tags=["tasks"])

    CurrentOfficer = Annotated[Officer, Depends(signed_in(officers))]  # noqa: N806 — a type

    @router.get("/tasks", summary="The tasks of a role in the officer's organisation")
    async def list_tasks(
        officer: CurrentOfficer,
        pages: Pages,
        role: Role | None = None,
        state: Annotated[list[TaskState] | None, Query()] = None,
        overdue: bool | None = None,
        before: Annotated[
            str | None, Query(pattern=NO_NUL, description="Where the page before ended, from its Link")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[TaskRead]:
        """Without ``role`` those of the officer's own roles; without ``state`` those that are not done, or whose
        decision was not taken and is to be sent again."""
        states = state or [TaskState.OPEN, TaskState.WAITING, TaskState.REJECTED]
        found = await desk.tasks(officer, role=role, states=states, overdue=overdue, before=before, limit=limit + 1)
        return [TaskRead.of(task) for task in pages.page(found, limit, before=lambda task: task.key)]

    @router.post("/matters/{application}/tasks/{task}/done", summary="Do a task")
    async def do_task(officer: CurrentOfficer, application: ApplicationId, task: TaskId, body: TaskDone) -> MatterRead:
        """In the order of the procedure, by somebody in the role that the text names, and not before the least time
        is over."""
        await desk.complete(officer, application, task, verdict=body.verdict(), executor=body.executor, note=body.note)
        return MatterRead.of(await desk.view(officer, application))

    @router.post("/matters/{application}/extension", summary="Extend the term of the task that is open")
    async def extend(officer: CurrentOfficer, application: ApplicationId, body: ExtensionCreate) -> MatterRead:
        """Once, where the text has it. The recipient gets a written notice at once, or with ``notice: later`` within
        the term that the text sets for it (``tell_by``)."""
        await desk.extend(officer, application, body.reason, tell=body.notice == "now")
        return MatterRead.of(await desk.view(officer, application))

    @router.post("/matters/{application}/extension/notice", summary="Give the written notice of an extension")
    async def tell_extension(officer: CurrentOfficer, application: ApplicationId) -> MatterRead:
        """Once; what was told with the extension stays as it is."""
        await desk.tell_extension(officer, application)
        return MatterRead.of(await desk.view(officer, application))

    @router.post("/matters/{application}/course/end", summary="End the course that began with the result")
    async def end_course(officer: CurrentOfficer, application: ApplicationId, body: CourseEnd) -> MatterRead:
        """Not before its least time is over (``too-early``); past its longest it is overdue."""
        await desk.end_course(officer, application, body.note)
        return MatterRead.of(await desk.view(officer, application))

    @router.post("/matters/{application}/supplements", summary="The recipient brings what was awaited")
    async def supply(officer: CurrentOfficer, application: ApplicationId, body: SupplementCreate) -> MatterRead:
        """Such as the proof that the fee is paid, shown over the counter."""
        await desk.supply(officer, application, body.document)
        return MatterRead.of(await desk.view(officer, application))

    @router.post("/matters/{application}/handing-out", summary="Hand the result out over the counter")
    async def hand_out(officer: CurrentOfficer, application: ApplicationId, body: HandOut) -> MatterRead:
        """Once; of what came over the counter."""
        await desk.hand_out(officer, application, body.receiver)
        return MatterRead.of(await desk.view(officer, application))

    @router.get("/register", summary="The register of public services")
    async def read_register(
        officer: CurrentOfficer,
        pages: Pages,
        year: Annotated[int, Query(ge=2000, le=9999)],
        after: Annotated[int, Query(ge=0, le=99_999_999)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[RegisterEntryRead]:
        """Of the officer's organisation, one year, in the order of its numbers."""
        lines = await desk.register(officer, year=year, after=after, limit=limit + 1)
        shown = pages.page(lines, limit, after=lambda line: int(line.register_key.rsplit("/", 1)[1]))
        return [RegisterEntryRead.of(line) for line in shown]

    return router
