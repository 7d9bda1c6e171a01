"""The stand's errors: one small tree, one HTTP answer each (RFC 9457).

    StandError
    ├── InvalidInput 422      the payload breaks its schema or format; every fault at once in ``faults``
    ├── Unauthorised 401      no or wrong credentials
    ├── Forbidden 403         known, but not allowed
    ├── NotFound 404          absent, or not yours to see
    ├── Conflict 409          the state does not allow it
    ├── TooLarge 413          over a size limit
    ├── UnsupportedMedia 415  a media type the stand does not take, or content that is not what it says
    ├── TooManyAttempts 429   locked out for a while
    ├── Unavailable 503       a dependency is silent; the same call may succeed later (``retryable``)
    ├── RejectedMessage       technical: a message is not taken; answered with ``message.rejected``
    └── Transient             a dependency is silent while a message is handled; the message is tried again

A *refusal* by an authority is a decision with its own message, never one of these.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from shared.kit.text import Text


class StandError(Exception):
    """Base of every expected error. ``detail`` says what happened this time; ``members`` extend the problem
    document."""

    code: ClassVar[str] = "internal"
    status_code: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    title: ClassVar[Text] = Text(kk="Ішкі қате", ru="Внутренняя ошибка", en="Internal error")

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail or self.title.en)
        self.detail = detail
        self.members = members


class InvalidInput(StandError):
    """The payload breaks its schema. ``members["faults"]`` lists every fault: ``{"path", "message"}``."""

    code = "invalid-input"
    status_code = 422
    title = Text(kk="Деректер дұрыс емес", ru="Данные не соответствуют формату", en="The input does not fit its schema")


class Unauthorised(StandError):
    """Credentials are missing or wrong."""

    code = "unauthorised"
    status_code = 401
    title = Text(kk="Авторизация қажет", ru="Требуется авторизация", en="Sign in first")


class Forbidden(StandError):
    """The caller is known but may not do this."""

    code = "forbidden"
    status_code = 403
    title = Text(kk="Рұқсат жоқ", ru="Доступ запрещён", en="Not allowed")


class NotFound(StandError):
    """There is no such thing, or it is not the caller's to see."""

    code = "not-found"
    status_code = 404
    title = Text(kk="Табылмады", ru="Не найдено", en="Not found")


class Conflict(StandError):
    """The state of the thing does not allow this."""

    code = "conflict"
    status_code = 409
    title = Text(kk="Күйі бұған жол бермейді", ru="Состояние не позволяет", en="The state does not allow this")


class NoResult(Conflict):
    """What was refused or rejected on the way has no result and never gets one; ``state`` and ``closing`` say why."""

    code = "no-result"
    title = Text(kk="Нәтиже болмайды", ru="Результата не будет", en="No result will come")

    def __init__(self, state: str, closing: Mapping[str, Any] | None) -> None:
        """``closing``: step, clause and report of the refusal, as the matter keeps them."""
        kept = dict(closing or {})
        grounds = [str(ground.get("code")) for ground in kept.get("grounds", ())]
        why = [f"clause {kept['clause']}" if kept.get("clause") else "", str(kept.get("reason") or ""), *grounds]
        told = "; ".join(part for part in why if part)
        super().__init__(f"it is {state}{f' ({told})' if told else ''}, no result will come", state=state, closing=kept)


class LimitReached(Conflict):
    """There are as many of these as one person may have; ``members["limit"]`` of them."""

    code = "limit-reached"
    title = Text(kk="Шекті санға жетті", ru="Достигнуто предельное количество", en="There are as many as may be")


class TooLarge(StandError):
    """The content is over the limit."""

    code = "too-large"
    status_code = 413
    title = Text(kk="Көлемі тым үлкен", ru="Слишком большой размер", en="Too large")


class UnsupportedMedia(StandError):
    """The media type is not taken, or the content is not what it says it is."""

    code = "unsupported-media"
    status_code = 415
    title = Text(kk="Файл түрі қабылданбайды", ru="Тип файла не принимается", en="This type of file is not taken")


class TooManyAttempts(StandError):
    """Locked out after repeated failures; ``members["retry_after"]`` in seconds."""

    code = "too-many-attempts"
    status_code = 429
    retryable = True
    title = Text(kk="Әрекет саны асып кетті", ru="Слишком много попыток", en="Too many attempts")


class Unavailable(StandError):
    """A dependency does not answer; nothing was changed and the same call may succeed later."""

    code = "unavailable"
    status_code = 503
    retryable = True
    title = Text(kk="Уақытша қолжетімсіз", ru="Временно недоступно", en="Temporarily unavailable")


class RejectedMessage(StandError):
    """A message that the system does not take; ``code`` of the reason and a report go to the dead-letter topic."""

    code = "message-rejected"
    status_code = 422
    title = Text(kk="Хабарлама қабылданбады", ru="Сообщение отклонено", en="The message is rejected")

    def __init__(self, reason: str, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail or reason, **members)
        self.reason = reason


class Transient(StandError):
    """Something the handler needs is silent; the message will be tried again with back-off."""

    code = "transient"
    status_code = 503
    retryable = True
    title = Unavailable.title
