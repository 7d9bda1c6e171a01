"""Errors of the centre that the shared tree has no name for."""

from shared.kit.errors import Conflict, Forbidden, InvalidInput, Unauthorised
from shared.kit.text import Text


class SignInRefused(Unauthorised):
    """Login or password is wrong; which of them is not said."""

    code = "sign-in-refused"
    title = Text(kk="Логин немесе құпиясөз қате", ru="Неверный логин или пароль", en="Wrong login or password")


class ConsentMissing(Conflict):
    """No registry is asked before the written consent to use data protected by law is recorded."""

    code = "consent-missing"
    title = Text(
        kk="Жазбаша келісім алынбаған", ru="Нет письменного согласия", en="The written consent is not recorded"
    )


class ConsentOutdated(Conflict):
    """The consent was given to another text than the one in force; ``version`` is the right one."""

    code = "consent-outdated"
    title = Text(
        kk="Келісім мәтіні өзгерген", ru="Текст согласия изменился", en="The text of the consent is another one"
    )


class PackageIncomplete(Conflict):
    """Process 5 is not finished; ``missing`` lists everything that is."""

    code = "package-incomplete"
    title = Text(kk="Құжаттар топтамасы толық емес", ru="Неполный пакет документов", en="The package is not complete")


class PackageComplete(Conflict):
    """Acceptance is refused for an incomplete package only."""

    code = "package-complete"
    title = Text(kk="Құжаттар топтамасы толық", ru="Пакет документов полный", en="The package is complete")


class OperatorCertificateRefused(Forbidden):
    """The operator's certificate does not pass; ``report`` says which check it was. Nothing was sent."""

    code = "operator-certificate"
    title = Text(
        kk="Оператордың тіркеу куәлігі жарамсыз",
        ru="Регистрационное свидетельство оператора не действует",
        en="The certificate of the operator does not pass",
    )


class SignatureMismatch(InvalidInput):
    """The signature is not the operator's over exactly these bytes; the matter stays as it was."""

    code = "signature-mismatch"
    title = Text(
        kk="Қолтаңба құжатқа сәйкес келмейді",
        ru="Подпись не соответствует документу",
        en="The signature does not fit the document",
    )


class NotEntitled(Conflict):
    """Whoever stands at the window may not receive this result."""

    code = "not-entitled"
    title = Text(
        kk="Нәтижені алуға құқығы жоқ", ru="Нет права получить результат", en="Not entitled to receive the result"
    )


class SlotTaken(Conflict):
    """Nobody more can be booked for this time."""

    code = "slot-taken"
    title = Text(kk="Бұл уақыт бос емес", ru="Это время занято", en="This time is taken")


class WrongCourse(Conflict):
    """The regulation has no such step at a centre; ``actions`` are those it has."""

    code = "wrong-course"
    title = Text(
        kk="Регламентте мұндай іс-қимыл жоқ",
        ru="В регламенте нет такого действия",
        en="The regulation has no such step",
    )


class NotBookable(Conflict):
    """The regulation lets nobody book a time; ``clause`` says so."""

    code = "not-bookable"
    title = Text(
        kk="Алдын ала жазылу жүргізілмейді", ru="Предварительной записи нет", en="There is no booking in advance"
    )


class SupplementClosed(Conflict):
    """No notice asks for it, it was supplied, or the time for it is over."""

    code = "supplement-closed"
    title = Text(
        kk="Қосымша құжат қабылданбайды", ru="Дополнение не принимается", en="Nothing can be supplied here any more"
    )
