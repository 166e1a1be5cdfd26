"""Made-up requisites: names that are words, ИНН with right check digits, references that repeat with the seed."""

from random import Random

_FORMS = ("ООО", "АО", "ПАО", "ООО")
_FIRST = ("Северный", "Южный", "Новый", "Первый", "Городской", "Полевой", "Речной", "Лесной", "Светлый", "Верхний")
_SECOND = ("мост", "склад", "двор", "берег", "завод", "цех", "торг", "путь", "сад", "квартал", "причал", "карьер")
_WEIGHTS = (2, 4, 10, 3, 5, 9, 4, 6, 8)

GOODS = ("Стол письменный", "Стул офисный", "Бумага А4", "Услуги доставки", "Лампа настольная", "Шкаф для бумаг")


def reference(random: Random) -> str:
    """A new reference."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-9{digits[17:20]}-{digits[20:]}"


def company(random: Random, number: int) -> tuple[str, str]:
    """A short and a full name."""
    name = f"{random.choice(_FIRST)} {random.choice(_SECOND)} {number}"
    form = random.choice(_FORMS)
    return f"{name} {form}", f"{form} «{name}»"


def tax_id(number: int) -> str:
    """The ИНН of a company: ten digits, the last of which checks the others."""
    digits = f"77{number:07d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return f"{digits}{total % 11 % 10}"
