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


class NotProven(Forbidden):
    """Nothing shows that the IIN is the caller's."""

    code = "not-proven"
    title = Text(
        kk="ЖСН сіздікі екені расталмады",
        ru="Принадлежность ИИН не подтверждена",
        en="It is not proven that the IIN is yours",
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


class OfferClosed(Conflict):
    """The offer was answered, or its time is over."""

    code = "offer-closed"
    title = Text(kk="Ұсыныс жабылған", ru="Предложение закрыто", en="The offer is closed")


class SupplementClosed(Conflict):
    """Nothing can be supplied: the notice asks for nothing, it was supplied, or the matter is over."""

    code = "supplement-closed"
    title = Text(
        kk="Қосымша құжат қабылданбайды",
        ru="Дополнительный документ не принимается",
        en="Nothing is supplied here any more",
    )


class WrongWay(Conflict):
    """A request of this channel is sent in another way."""

    code = "wrong-way"
    title = Text(
        kk="Бұл өтініш басқаша жіберіледі",
        ru="Заявление этого канала направляется иначе",
        en="A request of this channel is sent in another way",
    )


class DeviceUnknown(Conflict):
    """The device is not registered on the portal, or not confirmed yet."""

    code = "device-unknown"
    title = Text(
        kk="Құрылғы порталда тіркелмеген",
        ru="Устройство не зарегистрировано на портале",
        en="The device is not registered on the portal",
    )


class PhoneTaken(Conflict):
    """The number is registered for another recipient."""

    code = "phone-taken"
    title = Text(
        kk="Нөмір басқа адамға тіркелген",
        ru="Номер зарегистрирован за другим лицом",
        en="The number is registered for another person",
    )


class AccessClosed(Conflict):
    """The request of a third party was answered, or its time is over."""

    code = "access-closed"
    title = Text(kk="Сұрау салу жабылған", ru="Запрос закрыт", en="The request is closed")


class ConsentMissing(Forbidden):
    """The person a third party asks about has not consented."""

    code = "consent-missing"
    title = Text(
        kk="Тұлғаның келісімі жоқ",
        ru="Нет согласия лица, о котором запрос",
        en="The person asked about has not consented",
    )


class WrongPassword(Forbidden):
    """The one-time password is wrong, used, expired, or none was sent; which of these is not said."""

    code = "one-time-password"
    title = Text(
        kk="Бір реттік құпиясөз жарамсыз",
        ru="Одноразовый пароль недействителен",
        en="The one-time password does not serve",
    )
