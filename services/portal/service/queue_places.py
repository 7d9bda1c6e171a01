"""Where the recipient stands on the queue now. The queue is the regional gateway's; the portal asks it over HTTP."""

from typing import Any

import httpx

from services.portal.service.context import Context
from shared.kit.errors import NotFound, Unavailable


class QueuePlaces:
    """Places on queues, as they move."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def place(self, iin: str, application_id: str) -> dict[str, Any]:
        """The number given and the place now. Raises ``NotFound`` for what stands on no queue, ``Unavailable``."""
        application = await self._context.own(iin, application_id)
        platform = self._context.platform
        url = f"{self._context.settings.regional_gateway_url.rstrip('/')}/queue-places/{application.id}"
        try:
            answer = await platform.http.get(url, auth=platform.signature)
        except httpx.HTTPError as error:
            raise Unavailable("the regional gateway does not answer") from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotFound("the application stands on no queue")
        if not answer.is_success:
            raise Unavailable(f"the regional gateway answers {answer.status_code}")
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Unavailable("the regional gateway gave an unreadable answer")
        return found
