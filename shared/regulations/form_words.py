"""The words for a form's faults."""

from collections.abc import Iterator

from jsonschema import ValidationError

from shared.kit.text import Text

REQUIRED = Text(kk="өрісті толтыру қажет", ru="поле нужно заполнить", en="this field is required")
UNKNOWN = Text(kk="үлгіде мұндай өріс жоқ", ru="такого поля в форме нет", en="the form has no such field")
IIN = Text(
    kk="ЖСН дұрыс емес: он екі цифр, туған күн және бақылау цифры тексеріледі",
    ru="ИИН неверен: проверяются двенадцать цифр, дата рождения и контрольная цифра",
    en="the IIN is wrong: twelve digits, a date of birth and a check digit are expected",
)
DATE = Text(
    kk="күн ЖЖЖЖ-АА-КК түрінде жазылады", ru="дата пишется в виде ГГГГ-ММ-ДД", en="write the date as YYYY-MM-DD"
)
PATTERN = Text(
    kk="мәннің пішімі дұрыс емес", ru="значение не соответствует формату", en="the value is not in the expected format"
)
UNIQUE = Text(kk="мәндер қайталанбауға тиіс", ru="значения не должны повторяться", en="the values must differ")
CHOICE = Text(kk="мәнді тізімнен таңдаңыз", ru="выберите значение из списка", en="choose one of the values of the list")
EMPTY = Text(kk="мән бос болмауға тиіс", ru="значение не должно быть пустым", en="the value must not be empty")
_TYPES = {
    "object": Text(kk="өрістер тобы күтіледі", ru="ожидается группа полей", en="a group of fields is expected"),
    "array": Text(kk="тізім күтіледі", ru="ожидается список", en="a list is expected"),
    "string": Text(kk="мәтін күтіледі", ru="ожидается текст", en="text is expected"),
    "integer": Text(kk="бүтін сан күтіледі", ru="ожидается целое число", en="a whole number is expected"),
}


_PLAIN = {
    "pattern": PATTERN,
    "enum": CHOICE,
    "minLength": EMPTY,
    "minItems": EMPTY,
    "uniqueItems": UNIQUE,
}
_LIMITS = {
    "maxLength": Text(kk="таңба саны ең көбі", ru="не больше знаков", en="at most this many characters"),
    "maxItems": Text(kk="мәндер саны ең көбі", ru="не больше значений", en="at most this many values"),
    "minimum": Text(kk="ең кіші мән", ru="наименьшее значение", en="the smallest value is"),
    "maximum": Text(kk="ең үлкен мән", ru="наибольшее значение", en="the largest value is"),
}


def escaped(part: object) -> str:
    """One reference token of a JSON pointer (RFC 6901 §3)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def worded(error: ValidationError) -> Iterator[tuple[str, Text]]:
    """Pointer and words of each field one schema fault is about."""
    path = "".join(f"/{escaped(part)}" for part in error.absolute_path)
    if error.validator == "required":
        # jsonschema names the missing property only in its English message, so it is looked up again.
        yield from (
            (f"{path}/{escaped(name)}", REQUIRED) for name in error.validator_value if name not in error.instance
        )
    elif error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        yield from ((f"{path}/{escaped(name)}", UNKNOWN) for name in error.instance if name not in known)
    else:
        yield path, _words(error)


def _words(error: ValidationError) -> Text:
    keyword, value = error.validator, error.validator_value
    if error.schema.get("format") == "iin" and keyword in ("format", "pattern"):
        return IIN
    if keyword == "type":
        return _TYPES[value]
    if keyword in _LIMITS:
        words = _LIMITS[keyword]
        return Text(kk=f"{words.kk}: {value}", ru=f"{words.ru}: {value}", en=f"{words.en}: {value}")
    return DATE if keyword == "format" else _PLAIN[keyword]
