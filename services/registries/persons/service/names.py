"""Names of the generated people: Kazakh and Russian spelling side by side, and the Latin one as in passports."""

from shared.kit.iin import Sex
from shared.messages.extracts import PersonName, PersonNames

KAZAKH_SURNAMES = (
    ("Әлиев", "Алиев"), ("Жүнісов", "Жунусов"), ("Қалиев", "Калиев"), ("Мұқанов", "Муканов"),
    ("Нұрпейісов", "Нурпеисов"),
    ("Өтегенов", "Утегенов"), ("Сәдуақасов", "Садвакасов"), ("Тәжібаев", "Тажибаев"), ("Үсенов", "Усенов"),
    ("Шәріпов", "Шарипов"), ("Ысқақов", "Искаков"), ("Ізбасаров", "Избасаров"), ("Байжанов", "Байжанов"),
    ("Досмұхамедов", "Досмухамедов"), ("Ермағамбетов", "Ермагамбетов"), ("Кенжебаев", "Кенжебаев"),
    ("Рысбаев", "Рысбаев"),
    ("Смағұлов", "Смагулов"), ("Құлманов", "Кулманов"), ("Есенов", "Есенов"),
)  # fmt: skip
SLAVIC_SURNAMES = (
    ("Гончаров", "Гончаров"), ("Лебедев", "Лебедев"), ("Никитин", "Никитин"), ("Мельников", "Мельников"),
    ("Фёдоров", "Фёдоров"), ("Кузьмин", "Кузьмин"),
)  # fmt: skip
KAZAKH_GIVEN: dict[Sex, tuple[tuple[str, str], ...]] = {
    "male": (
        ("Әділет", "Адилет"), ("Бекзат", "Бекзат"), ("Ғалым", "Галым"), ("Дәурен", "Даурен"), ("Ержан", "Ержан"),
        ("Жандос", "Жандос"), ("Қуаныш", "Куаныш"), ("Мұрат", "Мурат"), ("Нұрсұлтан", "Нурсултан"), ("Олжас", "Олжас"),
        ("Рахат", "Рахат"), ("Сәкен", "Сакен"), ("Талғат", "Талгат"), ("Үсен", "Усен"), ("Шыңғыс", "Чингиз"),
        ("Асқар", "Аскар"), ("Ерлан", "Ерлан"), ("Айдос", "Айдос"), ("Темірлан", "Темирлан"), ("Әлихан", "Алихан"),
    ),
    "female": (
        ("Әсем", "Асем"), ("Ботакөз", "Ботакоз"), ("Гүлжан", "Гульжан"), ("Дәмелі", "Дамели"), ("Еркежан", "Еркежан"),
        ("Жібек", "Жибек"), ("Күнсұлу", "Кунсулу"), ("Қымбат", "Кымбат"), ("Маржан", "Маржан"), ("Назгүл", "Назгуль"),
        ("Перизат", "Перизат"), ("Салтанат", "Салтанат"), ("Толғанай", "Толганай"), ("Ұлжан", "Улжан"),
        ("Шынар", "Чинар"), ("Ақерке", "Акерке"), ("Інкәр", "Инкар"), ("Зере", "Зере"), ("Мәдина", "Мадина"),
        ("Аяжан", "Аяжан"),
    ),
}  # fmt: skip
SLAVIC_GIVEN: dict[Sex, tuple[tuple[str, str], ...]] = {
    "male": tuple((name, name) for name in ("Александр", "Виктор", "Дмитрий", "Игорь", "Максим", "Роман", "Степан")),
    "female": tuple((name, name) for name in ("Анна", "Вера", "Дарья", "Ирина", "Людмила", "Ольга", "Софья")),
}

_LATIN = {
    **dict(zip("абвгдезийклмнопрстуфыіэәғқңөұүһ", "abvgdeziiklmnoprstufyieagknouuh", strict=True)),
    "ё": "yo",
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ю": "yu",
    "я": "ya",
    "ъ": "",
    "ь": "",
}


def full_names(
    surname: tuple[str, str], given: tuple[str, str], father: tuple[str, str] | None, sex: Sex, *, slavic: bool
) -> PersonNames:
    """Names in every spelling; ``father`` is the given name the patronymic comes from, absent for who has none."""
    ending = "" if sex == "male" else "а"
    ru_patronymic = russian_patronymic(father[1], sex) if father else None
    kk_patronymic = ru_patronymic if slavic or not father else father[0] + ("ұлы" if sex == "male" else "қызы")
    kk = PersonName(surname=surname[0] + ending, given_name=given[0], patronymic=kk_patronymic)
    ru = PersonName(surname=surname[1] + ending, given_name=given[1], patronymic=ru_patronymic)
    return with_latin(PersonNames(kk=kk, ru=ru))


def russian_patronymic(father: str, sex: Sex) -> str:
    """``Ерлан`` → ``Ерланович``, ``Игорь`` → ``Игоревна``."""
    if father[-1] in "йь":
        return father[:-1] + ("евич" if sex == "male" else "евна")
    return father + ("ович" if sex == "male" else "овна")


def with_latin(names: PersonNames) -> PersonNames:
    """``names`` with a Latin spelling, unless there is one."""
    if names.latin is not None:
        return names
    latin = PersonName(surname=_latin(names.kk.surname), given_name=_latin(names.kk.given_name))
    return PersonNames(kk=names.kk, ru=names.ru, latin=latin)


def _latin(name: str | None) -> str | None:
    if name is None:
        return None
    letters = "".join(_LATIN.get(letter, letter) for letter in name.lower())
    # Passports write the first Е as Ye.
    return ("ye" + letters[1:] if name[0] == "Е" else letters).capitalize()
