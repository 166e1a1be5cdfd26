"""Clients and our legal entities: names in every spelling, valid tax ids, accounts."""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random
from typing import Final

from tests.worlds.records import Client, ClientKind, Organisation, Person

_ROOTS: Final = [
    "Пион",
    "Ромашка",
    "Василёк",
    "Сталь",
    "Вектор",
    "Горизонт",
    "Альянс",
    "Техно",
    "Маяк",
    "Заря",
    "Кедр",
    "Меркурий",
    "Орион",
    "Прогресс",
    "Восток",
    "Север",
    "Урал",
    "Волга",
    "Кама",
    "Рубин",
    "Топаз",
    "Гранит",
    "Базальт",
    "Кварц",
    "Лотос",
    "Феникс",
    "Сокол",
    "Беркут",
    "Ястреб",
    "Импульс",
    "Спектр",
    "Контур",
    "Модуль",
    "Финиш",
    "Олимп",
    "Атлант",
    "Титан",
    "Парус",
    "Якорь",
    "Бриз",
    "Каскад",
    "Родник",
    "Полюс",
    "Зенит",
    "Аврора",
    "Берег",
    "Тополь",
    "Клён",
    "Радуга",
    "Оазис",
    "Бастион",
    "Вымпел",
    "Гелиос",
    "Диалог",
    "Эталон",
    "Формат",
    "Ритм",
    "Кристалл",
    "Нева",
    "Онега",
    "Байкал",
    "Енисей",
    "Алтай",
    "Сапфир",
    "Янтарь",
    "Магнит",
    "Ракурс",
    "Статус",
    "Тандем",
    "Фаворит",
]
_MIDDLES: Final = [
    "Строй",
    "Пром",
    "Агро",
    "Торг",
    "Авто",
    "Метал",
    "Электро",
    "Тепло",
    "Снаб",
    "Энерго",
    "Лес",
    "Хим",
    "Медиа",
    "Транс",
    "Гео",
    "Эко",
    "Био",
    "Гидро",
]
_ENDS: Final = [
    "сервис",
    "трейд",
    "групп",
    "инвест",
    "ресурс",
    "логистика",
    "маркет",
    "системы",
    "опт",
    "дизайн",
    "проект",
    "холдинг",
    "центр",
    "союз",
    "монтаж",
]
_SURNAMES: Final = [
    "Иванов",
    "Петров",
    "Сидоров",
    "Кузнецов",
    "Смирнов",
    "Попов",
    "Волков",
    "Зайцев",
    "Соколов",
    "Лебедев",
    "Козлов",
    "Новиков",
    "Морозов",
    "Орлов",
    "Макаров",
    "Фомин",
    "Гусев",
    "Титов",
    "Крылов",
    "Беляев",
    "Жуков",
    "Громов",
    "Данилов",
    "Королёв",
    "Тарасов",
    "Ершов",
    "Носов",
    "Панов",
    "Рыбаков",
    "Юдин",
]
_NAMES: Final = [
    "Иван",
    "Пётр",
    "Сергей",
    "Андрей",
    "Олег",
    "Павел",
    "Игорь",
    "Денис",
    "Артём",
    "Максим",
    "Роман",
    "Виктор",
    "Николай",
    "Глеб",
    "Юрий",
]
_PATRONYMICS: Final = [
    "Иванович",
    "Петрович",
    "Сергеевич",
    "Андреевич",
    "Олегович",
    "Павлович",
    "Игоревич",
    "Денисович",
    "Романович",
    "Викторович",
    "Николаевич",
    "Юрьевич",
]
_LATIN: Final = [
    "Alpha",
    "Nordic",
    "Baltic",
    "Silk",
    "Orient",
    "Atlas",
    "Delta",
    "Prime",
    "Global",
    "Vertex",
    "Summit",
    "Harbor",
    "Copper",
    "Falcon",
    "Meridian",
]
_LATIN_ENDS: Final = [
    "Trading",
    "Logistics",
    "Industries",
    "Supply",
    "Partners",
    "Systems",
    "Metals",
    "Export",
    "Group",
    "Solutions",
]
_LATIN_FORMS: Final = ("LLC", "Ltd", "GmbH", "Co., Ltd", "s.r.o.")
_TEN: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_ELEVENTH: Final = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_TWELFTH: Final = (3, *_ELEVENTH)
_KINDS: Final = (ClientKind.COMPANY, ClientKind.SOLE, ClientKind.PERSON, ClientKind.STATE, ClientKind.FOREIGN)
_SHARES: Final = (62, 18, 8, 6, 6)


def _control(digits: str, weights: tuple[int, ...]) -> str:
    return str(sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 % 10)


class Registry:
    """Makes parties that do not repeat: no two share a tax id, an account or, unless asked, a name."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._used: set[str] = set()

    def company_tax_id(self) -> str:
        return self._fresh(self._company_tax_id)

    def person_tax_id(self) -> str:
        return self._fresh(self._person_tax_id)

    def account(self, start: str = "407028") -> str:
        return self._fresh(lambda: start + "10" + self._digits(18 - len(start)))

    def organisation(self, name: str) -> Organisation:
        tax_id = self.company_tax_id()
        return Organisation(name, tax_id, tax_id[:4] + "01001", self.account())

    def client(self, kind: ClientKind | None = None) -> Client:
        kind = kind or self._rng.choices(_KINDS, _SHARES)[0]
        makers = {
            ClientKind.COMPANY: self._company,
            ClientKind.SOLE: self._sole,
            ClientKind.PERSON: self._person,
            ClientKind.STATE: self._state,
            ClientKind.FOREIGN: self._foreign,
        }
        return makers[kind]()

    def namesake(self, client: Client) -> Client:
        """Another company of the same name."""
        tax_id = self.company_tax_id()
        return Client(
            f"c{len(self._used)}", client.kind, client.base, client.spellings, tax_id, _kpp(tax_id), self.account()
        )

    def branch(self, client: Client) -> Client:
        """A branch: the tax id of the head, a KPP and an account of its own."""
        town = self._rng.choice(("г. Самара", "г. Казань", "в г. Перми", "Уральский"))
        spelling = f"Филиал {client.spellings[0]} {town}"
        kpp = f"{self._rng.randrange(1000, 9999)}43001"
        return Client(f"c{len(self._used)}", client.kind, client.base, (spelling,), client.tax_id, kpp, self.account())

    def _company(self) -> Client:
        base = self._fresh(self._company_name)
        tax_id = self.company_tax_id()
        form, long = self._rng.choice(
            (("ООО", "Общество с ограниченной ответственностью"),) * 5 + (("АО", "Акционерное общество"),)
        )
        spellings = (
            f'{form} "{base}"',
            f"{form} «{base}»",
            f'{long} "{base}"',
            f"{base} {form}",
            f"{form} {base.upper()}",
        )
        return self._made(ClientKind.COMPANY, base, spellings, tax_id, _kpp(tax_id), self.account())

    def _sole(self) -> Client:
        who = self._fresh_person()
        long = f"Индивидуальный предприниматель {who.full}"
        spellings = (f"ИП {who.full}", long, f"{who.full} (ИП)", long.upper())
        return self._made(ClientKind.SOLE, who.full, spellings, self.person_tax_id(), None, self.account("408028"))

    def _person(self) -> Client:
        who = self._fresh_person()
        return self._made(ClientKind.PERSON, who.full, (who.full, who.full.upper()), None, None, self.account("408178"))

    def _state(self) -> Client:
        town = self._rng.choice(("Тулы", "Твери", "Рязани", "Пскова", "Калуги", "Вологды", "Перми", "Самары"))
        base = self._fresh(lambda: f"МБОУ СОШ № {self._rng.randrange(1, 999)} г. {town}")
        tax_id = self.company_tax_id()
        return self._made(ClientKind.STATE, base, (base, base.upper()), tax_id, _kpp(tax_id), self.account("032146"))

    def _foreign(self) -> Client:
        pick = self._rng.choice
        base = self._fresh(lambda: f"{pick(_LATIN)} {pick(_LATIN_ENDS)} {pick(string.ascii_uppercase)}{pick('AEIOU')}X")
        form = pick(_LATIN_FORMS)
        tax_id = self._fresh(lambda: self._digits(9)) if self._rng.random() < 0.5 else None
        spellings = (f"{base} {form}", f"{base.upper()} {form.upper()}")
        return self._made(ClientKind.FOREIGN, base, spellings, tax_id, None, self.account("408078"))

    def _made(
        self, kind: ClientKind, base: str, spellings: tuple[str, ...], tax_id: str | None, kpp: str | None, account: str
    ) -> Client:
        return Client(f"c{len(self._used)}", kind, base, spellings, tax_id, kpp, account)

    def _company_name(self) -> str:
        pick = self._rng.choice
        if self._rng.random() < 0.6:
            return f"{pick(_ROOTS)}-{pick(_MIDDLES)}{pick(_ENDS)}"
        return f"{pick(_ROOTS)} {pick(_MIDDLES)}{pick(_ENDS)} {pick(('Плюс', 'Юг', 'Центр', 'Запад', 'М', 'НН'))}"

    def _fresh_person(self) -> Person:
        pick = self._rng.choice
        while True:
            who = Person(pick(_SURNAMES), pick(_NAMES), pick(_PATRONYMICS))
            if who.full not in self._used:
                self._used.add(who.full)
                return who

    def _company_tax_id(self) -> str:
        head = self._rng.choice(("77", "78", "50", "63", "66", "16")) + self._digits(7)
        return head + _control(head, _TEN)

    def _person_tax_id(self) -> str:
        head = self._rng.choice(("77", "78", "50", "63")) + self._digits(8)
        head += _control(head, _ELEVENTH)
        return head + _control(head, _TWELFTH)

    def _digits(self, count: int) -> str:
        return "".join(self._rng.choice(string.digits) for _ in range(count))

    def _fresh(self, make: Callable[[], str]) -> str:
        while (made := make()) in self._used:
            pass
        self._used.add(made)
        return made


def _kpp(tax_id: str) -> str:
    return tax_id[:4] + "01001"
