"""Errors of the portal that the shared tree has no name for."""

from shared.kit.errors import Conflict, Forbidden, InvalidInput, Unauthorised
from shared.kit.text import Text


class AuthorisationRefused(Unauthorised):
    """Condition 1 failed: the IIN is not registered or the password is another. Which of the two is never said."""

    code = "authorisation-refused"
    title = Text(kk="Авторизациялаудан бас тартылды", ru="Отказано в авторизации", en="The authorisation is refused")


class AlreadyRegistered(Conflict):
    """The IIN is registered on the portal."""

    code = "already-registered"
    title = Text(
        kk="ЖСН порталда тіркелген", ru="ИИН уже зарегистрирован на портале", en="The IIN is registered already"
    )


class ChannelNotOffered(Conflict):
    """The regulation does not render the service through the portal; ``clause`` says where it lists its channels."""

    code = "channel-not-offered"
    title = Text(
        kk="Қызмет портал арқылы көрсетілмейді",
        ru="Услуга не оказывается через портал",
        en="The service is not rendered through the portal",
    )


class NotADraft(Conflict):
    """The application is not a draft any more."""

    code = "not-a-draft"
    title = Text(kk="Өтініш жіберілген", ru="Заявление уже не черновик", en="The application is not a draft any more")


class ApplicationIncomplete(Conflict):
    """Process 3 is not finished; ``missing`` lists everything that is."""

    code = "application-incomplete"
    title = Text(kk="Өтініш толық емес", ru="Заявление заполнено не полностью", en="The application is not complete")


class SignatureNotConfirmed(Forbidden):
    """Condition 2 failed and process 4 refused the service for good; ``report`` says which check it was."""

    code = "signature-not-confirmed"
    title = Text(
        kk="ЭЦҚ түпнұсқалығы расталмады",
        ru="Подлинность ЭЦП получателя не подтверждена",
        en="The signature of the recipient is not confirmed",
    )


class SignatureMismatch(InvalidInput):
    """The signature is not over exactly these bytes, or not by the chosen certificate; the draft stays as it was."""

    code = "signature-mismatch"
    title = Text(
        kk="Қолтаңба құжатқа сәйкес келмейді",
        ru="Подпись не соответствует документу",
        en="The signature does not fit the document",
    )
