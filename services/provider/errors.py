"""What can go wrong here beyond the common errors."""

from shared.kit.errors import Conflict, InvalidInput, Unauthorised
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


class SignInRefused(Unauthorised):
    """Login or password is wrong; which of them is not said."""

    code = "sign-in-refused"
    title = Text(kk="Логин немесе құпиясөз қате", ru="Неверный логин или пароль", en="Wrong login or password")
