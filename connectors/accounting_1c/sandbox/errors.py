"""Error replies of the standard OData interface: 1C's own codes, the status of each, texts in Russian and English."""

from dataclasses import dataclass, field

#: The vendor's table of codes with the status that each was seen with.
STATUSES = {
    0: 501,
    1: 400,
    2: 400,
    3: 400,
    4: 400,
    5: 400,
    6: 404,
    7: 400,
    8: 404,
    9: 404,
    10: 400,
    11: 404,
    12: 400,
    13: 400,
    14: 400,
    15: 400,
    16: 400,
    17: 400,
    18: 500,
    19: 405,
    20: 401,
    21: 400,
    -1: 500,
}


@dataclass(eq=False)
class ODataError(Exception):
    """A refusal with 1C's code. `status` None takes the usual one of the code."""

    code: int
    russian: str
    english: str = ""
    status: int | None = None

    @property
    def http_status(self) -> int:
        """The status of the reply."""
        return STATUSES[self.code] if self.status is None else self.status

    def text(self, language: str) -> str:
        """The sentence in the language of the session."""
        return self.english if language == "en" and self.english else self.russian

    def __str__(self) -> str:
        return f"{self.http_status} {self.code}: {self.russian}"


@dataclass(eq=False)
class ServerPage(Exception):
    """A refusal by the web server or its 1C module, before any OData: a page and a status."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status}: {self.text}"


class EmptyResult(Exception):
    """A filter that finds nothing and does not say why."""


def not_supported(what: str) -> ODataError:
    """Code 0."""
    return ODataError(0, f"Возможность не поддерживается: {what}", f"Feature is not supported: {what}")


def bad_request(what: str) -> ODataError:
    """Code 1: the text of the request cannot be read."""
    return ODataError(1, f"Не удалось разобрать строку: {what}", f"Cannot parse string: {what}")


def bad_format(name: str) -> ODataError:
    """Code 3."""
    return ODataError(
        3,
        f"Запрошенный тип представления не поддерживается: {name}",
        f"Requested representation type is not supported: {name}",
    )


def bad_value(name: str) -> ODataError:
    """Code 4."""
    return ODataError(4, f'Неверное значение свойства "{name}"', f'Invalid value of property "{name}"')


def missing_value(name: str) -> ODataError:
    """Code 5."""
    return ODataError(
        5, f'Отсутствует обязательное значение свойства "{name}"', f'Required value of property "{name}" is missing'
    )


def bad_url(url: str) -> ODataError:
    """Code 6."""
    return ODataError(6, f"Неверный URL: {url}", f"Invalid URL: {url}")


def missing_key(name: str) -> ODataError:
    """Code 7."""
    return ODataError(7, f'Не хватает элемента ключа сущности: "{name}"', f'Entity key element is missing: "{name}"')


def no_such_entity(name: str) -> ODataError:
    """Code 8: the object does not exist or is not in the published composition."""
    return ODataError(8, f'Сущность "{name}" не найдена', f'"{name}" entity is not found')


def no_such_instance(name: str) -> ODataError:
    """Code 9."""
    return ODataError(
        9, f'Экземпляр сущности "{name}" не найден по переданному ключу.', f'Entity instance not found: "{name}"'
    )


def no_such_property(name: str, status: int) -> ODataError:
    """Code 10."""
    return ODataError(
        10,
        f'Запрошенное свойство не найдено: "{name}"',
        f'Requested property is not found: "{name}"',
        status,
    )


def no_such_method(name: str) -> ODataError:
    """Code 11."""
    return ODataError(11, f'Метод не найден: "{name}"', f'Method not found: "{name}"')


def missing_argument(name: str) -> ODataError:
    """Code 12."""
    return ODataError(
        12, f'Отсутствует обязательный аргумент метода: "{name}"', f'Required method argument is missing: "{name}"'
    )


def row_created_directly() -> ODataError:
    """Code 13."""
    return ODataError(
        13,
        "Создание строк табличных частей напрямую не поддерживается",
        "Direct creation of tabular section rows is not supported",
    )


def bad_option(option: str, why: str = "") -> ODataError:
    """Code 14."""
    tail = f": {why}" if why else ""
    return ODataError(14, f"Ошибка разбора опции запроса {option}{tail}", f"Error parsing {option} query option{tail}")


def key_exists(name: str, status: int) -> ODataError:
    """Code 15."""
    return ODataError(
        15, f'Сущность "{name}" с таким ключом уже существует', f'Entity "{name}" with this key already exists', status
    )


def no_load_mode(name: str) -> ODataError:
    """Code 17."""
    return ODataError(
        17,
        f'Объект "{name}" не поддерживает режим загрузки данных',
        f'Object "{name}" does not support data load mode',
    )


def method_not_allowed(method: str) -> ODataError:
    """Code 19."""
    return ODataError(
        19,
        f"Использованный HTTP-метод {method} запрещен в данном контексте",
        f"HTTP method {method} is not allowed in this context",
    )


def no_rights(name: str) -> ODataError:
    """Code 20: 401, not 403."""
    return ODataError(
        20, f'Ошибка прав доступа. Недостаточно прав на "{name}"', f'Access violation. Not enough rights on "{name}"'
    )


def bad_call(name: str) -> ODataError:
    """Code 21: a function that does not exist or is called wrongly."""
    return ODataError(
        21, f'Неверный вызов функции "{name}" в выражении', f'Invalid call of function "{name}" in expression'
    )


def internal(text: str) -> ODataError:
    """Code -1: an exception inside 1C, a refusal of the configuration included."""
    return ODataError(-1, text)
