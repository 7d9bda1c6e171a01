"""What can go wrong here beyond the common errors."""

from shared.kit.errors import Conflict, Forbidden, InvalidInput, Unauthorised
from shared.kit.text import Text


class IllegalMove(Conflict):
    """The state of the matter does not allow this step."""

    code = "illegal-move"
    title = Text(
        kk="Өтініштің күйі бұған жол бермейді",
        ru="Состояние дела этого не позволяет",
        en="The state of the matter does not allow this",
    )


class AlreadyDecided(Conflict):
    """The matter has its decision; there is never a second one. ``decision`` names it."""

    code = "already-decided"
    title = Text(kk="Шешім қабылданған", ru="Решение уже принято", en="The decision is already made")


class InvalidGrounds(InvalidInput):
    """A refusal rests on at least one ground of the regulation, and on nothing else."""

    code = "invalid-grounds"
    title = Text(
        kk="Бас тарту негізі дұрыс емес", ru="Основание отказа указано неверно", en="The grounds for refusal do not fit"
    )


class RefusalNotStated(Conflict):
    """The text provides for no refusal in this channel. ``clause``: what it says comes out of the service."""

    code = "refusal-not-stated"
    title = Text(
        kk="Регламентте бас тарту көзделмеген",
        ru="Регламент не предусматривает отказа",
        en="The regulation states no refusal",
    )


class SignInRefused(Unauthorised):
    """Login or password is wrong; which of them is not said."""

    code = "sign-in-refused"
    title = Text(kk="Логин немесе құпиясөз қате", ru="Неверный логин или пароль", en="Wrong login or password")


class NotExecutor(Forbidden):
    """The head assigned the matter to somebody else. ``executor`` names the login."""

    code = "not-executor"
    title = Text(
        kk="Өтініш басқа орындаушыға берілген",
        ru="Заявление отписано другому исполнителю",
        en="The matter is assigned to somebody else",
    )


class WrongOrder(Conflict):
    """Another task of the procedure is due. ``due`` names it."""

    code = "wrong-order"
    title = Text(
        kk="Рәсімнің кезегі басқа іс-қимылда",
        ru="По порядку процедуры должно быть выполнено другое действие",
        en="Another task of the procedure is due",
    )


class TooEarly(Conflict):
    """The text says how long it takes at least. ``not_before`` is when it may be done."""

    code = "too-early"
    title = Text(kk="Мерзімі әлі келген жоқ", ru="Срок ещё не наступил", en="Its least time is not over")


class DecisionNeeded(InvalidInput):
    """The decision falls in this task: say whether it is granted or refused. ``clause`` says where the text has it."""

    code = "decision-needed"
    title = Text(
        kk="Бұл іс-қимылда шешім қабылдау қажет",
        ru="В этом действии нужно принять решение",
        en="The decision falls in this task",
    )


class RecipientOwes(Conflict):
    """The recipient has to supply something first. ``document`` and ``until`` say what and by when."""

    code = "recipient-owes"
    title = Text(
        kk="Көрсетілетін қызметті алушының құжаты күтілуде",
        ru="Ожидается документ услугополучателя",
        en="A document of the recipient is awaited",
    )


class RegistriesAwaited(Conflict):
    """A registry that the text has asked has not answered yet. ``about`` says what the questions are about."""

    code = "registries-awaited"
    title = Text(
        kk="Мемлекеттік ақпараттық жүйенің жауабы күтілуде",
        ru="Ожидается ответ государственной информационной системы",
        en="The answer of a state information system is awaited",
    )


class AttachmentsAwaited(Conflict):
    """Attachments are still being fetched from whoever keeps them. ``attachments`` names them."""

    code = "attachments-awaited"
    title = Text(
        kk="Өтінішке қоса берілген файлдар алынып жатыр",
        ru="Файлы, приложенные к запросу, ещё передаются",
        en="Attachments of the application are still on their way",
    )


class NothingAwaited(Conflict):
    """Nothing is awaited from the recipient, or the time for it is over."""

    code = "nothing-awaited"
    title = Text(
        kk="Көрсетілетін қызметті алушыдан ештеңе күтілмейді",
        ru="От услугополучателя ничего не ожидается",
        en="Nothing is awaited from the recipient",
    )


class NoExtension(Conflict):
    """The term cannot be extended: the text has no extension, or it was used. ``clause`` where one is stated."""

    code = "no-extension"
    title = Text(kk="Мерзім ұзартылмайды", ru="Срок не продлевается", en="The term cannot be extended")


class BookingNotOffered(Conflict):
    """The text says that there is no advance booking, or does not provide for it. ``clause`` says where."""

    code = "booking-not-offered"
    title = Text(kk="Алдын ала жазылу көзделмеген", ru="Предварительная запись не предусмотрена", en="No booking here")


class TimeTaken(Conflict):
    """Somebody has booked this time, or the office does not take documents then."""

    code = "time-taken"
    title = Text(kk="Бұл уақыт бос емес", ru="Это время занято", en="This time is not free")


class NormsNotProvided(Conflict):
    """The text has no norms of quality that somebody approves."""

    code = "norms-not-provided"
    title = Text(
        kk="Мәтінде сапа нормативтерін бекіту көзделмеген",
        ru="Утверждение нормативов качества текстом не предусмотрено",
        en="The text has no norms of quality approved",
    )


class NoOfficerKey(Conflict):
    """The officer has no certificate to sign with what is taken over the counter."""

    code = "no-officer-key"
    title = Text(
        kk="Лауазымды адамның ЭЦҚ-сы жоқ", ru="У должностного лица нет ЭЦП", en="The officer has no digital signature"
    )


class NotServedHere(Conflict):
    """The officer's organisation does not take such applications. ``organisation`` names the one that does, if any."""

    code = "not-served-here"
    title = Text(
        kk="Бұл ұйым мұндай өтініштерді қабылдамайды",
        ru="Эта организация не принимает таких заявлений",
        en="This organisation does not take such applications",
    )
