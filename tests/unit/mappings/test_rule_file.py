"""The rule file: what it means, and that every fault is named with its line at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.domain.rules import PLACEHOLDERS, Action, PaidEvent, TaskRule
from mappings import MappingError, load_rules, parse_rules, read_rules
from mappings.yaml_reader import MAX_BYTES

WHOLE = """\
# Правила
mark_invoices_paid: false
pipelines:
  "0":
    name: Продажи
    deal_partly_paid:
      stage: PREPAID
      comment: "Пришло {payment_sum}"
    deal_paid:
      stage: WON
      task:
        title: Отгрузить
        text: "{invoices}"
        due_days: 3
  15:
    invoice_paid:
      comment: Счёт закрыт
"""


def faults(text: str) -> list[str]:
    with pytest.raises(MappingError) as caught:
        parse_rules(text, "rules.yaml")
    return [str(fault) for fault in caught.value.faults]


def test_a_whole_file_becomes_the_domains_rules() -> None:
    rules = parse_rules(WHOLE).rules
    assert not rules.mark_invoices_paid
    sales = rules.pipelines["0"].actions
    assert sales[PaidEvent.DEAL_PARTLY_PAID] == Action("PREPAID", "Пришло {payment_sum}", None)
    assert sales[PaidEvent.DEAL_PAID] == Action("WON", None, TaskRule("Отгрузить", "{invoices}", 3))
    assert PaidEvent.INVOICE_PAID not in sales
    assert rules.pipelines["15"].actions[PaidEvent.INVOICE_PAID].comment == "Счёт закрыт"


def test_names_and_numbers_stay_the_text_that_was_written() -> None:
    rules = parse_rules("pipelines:\n  007:\n    deal_paid:\n      stage: 0123\n      comment: no\n").rules
    action = rules.pipelines["007"].actions[PaidEvent.DEAL_PAID]
    assert (action.stage_id, action.comment) == ("0123", "no")


def test_an_empty_file_has_no_rules_and_marks_invoices() -> None:
    for text in ("", "# только комментарий\n", "---\n"):
        rules = parse_rules(text).rules
        assert rules.pipelines == {}
        assert rules.mark_invoices_paid


def test_a_file_with_a_byte_order_mark_loads(tmp_path: Path) -> None:
    path = tmp_path / "main.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + WHOLE.encode())
    assert load_rules(path).pipelines["0"].actions


def test_every_placeholder_of_the_domain_may_be_used() -> None:
    comment = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    assert parse_rules(f'pipelines:\n  0:\n    deal_paid:\n      comment: "{comment}"\n').rules.pipelines


def test_all_faults_are_reported_at_once_in_the_order_of_lines() -> None:
    text = """\
mark_invoices_paid: maybe
pipelins: {}
pipelines:
  0:
    deal_paid:
      stage: [WON]
      comment: "{payment_summ}"
      tusk: {title: x}
    deal_paid:
      stage: X
    invoice_paid:
    deal_partly_paid:
      task:
        due_days: скоро
  1: Опт
"""
    needs_text = "нужен текст; если он начинается с «{» или «[», возьмите его в кавычки"
    empty = "пусто: впишите stage, comment или task либо закомментируйте и эту строку"
    assert faults(text) == [
        "rules.yaml:1: mark_invoices_paid: нужно true или false",
        "rules.yaml:2: pipelins: такого поля нет: может быть, «pipelines»?",
        f"rules.yaml:6: pipelines.0.deal_paid.stage: {needs_text}",
        "rules.yaml:7: pipelines.0.deal_paid.comment: подстановки {payment_summ} нет: может быть, «payment_sum»?",
        "rules.yaml:8: pipelines.0.deal_paid.tusk: такого поля нет: может быть, «task»?",
        "rules.yaml:9: pipelines.0.deal_paid: поле уже есть в строке 5: оставьте одно",
        f"rules.yaml:11: pipelines.0.invoice_paid: {empty}",
        "rules.yaml:13: pipelines.0.deal_partly_paid.task.title: поля нет, а оно обязательно",
        "rules.yaml:14: pipelines.0.deal_partly_paid.task.due_days: нужно целое число",
        "rules.yaml:15: pipelines.1: нужен блок полей с отступом, каждое вида «имя: значение»",
    ]


def one_action(body: str) -> str:
    return f"pipelines:\n  0:\n    deal_paid:\n      {body}\n"


@pytest.mark.parametrize(
    ("text", "line", "field", "part"),
    [
        (one_action("comment: '{ payer }'"), 4, "pipelines.0.deal_paid.comment", "без пробелов"),
        (one_action("comment: '{плательщик}'"), 4, "pipelines.0.deal_paid.comment", "{плательщик} нет"),
        (one_action("comment: {payer}"), 4, "pipelines.0.deal_paid.comment", "в кавычки"),
        (one_action("comment: ''"), 4, "pipelines.0.deal_paid.comment", "пусто"),
        (one_action("comment: " + "я" * 4001), 4, "pipelines.0.deal_paid.comment", "длиннее 4000"),
        (one_action("task: {title: x, due_days: -1}"), 4, "pipelines.0.deal_paid.task.due_days", "не меньше 0"),
        (one_action("task: {title: x, due_days: 900}"), 4, "pipelines.0.deal_paid.task.due_days", "не больше 365"),
        (one_action("stage: ~"), 3, "pipelines.0.deal_paid", "ничего не делает"),
        ("pipelines:\n  0:\n    dеal_paid: {stage: X}\n", 3, "pipelines.0.dеal_paid", "русские буквы"),
        ("pipelines:\n  0:\n    zzz: 1\n", 3, "pipelines.0.zzz", "можно: name, deal_partly_paid"),
        ("- a\n- b\n", 1, "", "нужен блок полей"),
        ("pipelines: [1]\n", 1, "pipelines", "нужен блок полей"),
        ("просто текст\n", 1, "", "нужен блок полей"),
        ("? [a, b]\n: 1\n", 1, "", "простым словом"),
        ("a: 1\n<<: {b: 2}\n", 1, "a", "такого поля нет"),
    ],
)
def test_a_fault_names_its_line_and_field(text: str, line: int, field: str, part: str) -> None:
    with pytest.raises(MappingError) as caught:
        parse_rules(text)
    first = caught.value.faults[0]
    assert (first.line, first.field) == (line, field)
    assert part in first.message
    assert first.column >= 1


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("pipelines:\n\t0: 1\n", 2, "табуляцией"),
        ("comment: {payer} платит\n", 1, "в кавычки"),
        ("a: b: c\n", 1, "лишнее двоеточие"),
        ("a: 'b\n", 2, "кавычка"),
        ("a: [b\nc: d\n", 2, "список"),
        ("a:\n  b: 1\n c: 2\n", 3, "отступ"),
        ("a\nb: 1\n", 2, "двоеточ"),
        ("a: @b\n", 1, "кавычки"),
        ('a: "\\q"\n', 1, "особый знак"),
        ("a: *b\n", 1, "чего нет"),
        ("a: 1\n---\nb: 2\n", 2, "второй документ"),
        ("a: \x01\n", 1, "непечатаемый"),
    ],
)
def test_broken_yaml_is_named_in_russian_with_its_line(text: str, line: int, part: str) -> None:
    with pytest.raises(MappingError) as caught:
        parse_rules(text)
    (fault,) = caught.value.faults
    assert fault.line == line
    assert part in fault.message


def test_every_line_indented_by_a_tab_is_named() -> None:
    assert [line.split(":")[1] for line in faults("pipelines:\n\t0:\n\t\tname: x\n")] == ["2", "3"]


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!include", "!!binary", "!!set"])
def test_tags_are_refused_and_nothing_is_executed(tag: str) -> None:
    (text, *_) = faults(f"pipelines: {tag} {{a: b}}\n")
    assert text == "rules.yaml:1: pipelines: значение начинается с «!»: возьмите его в кавычки"


def test_an_alias_may_repeat_a_text() -> None:
    text = one_action("comment: &text Оплачено") + "    invoice_paid:\n      comment: *text\n"
    assert parse_rules(text).rules.pipelines["0"].actions[PaidEvent.INVOICE_PAID].comment == "Оплачено"


def test_an_alias_bomb_is_bounded() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (text,) = faults("\n".join(levels))
    assert "больше 50000 значений" in text


def test_an_alias_to_itself_is_refused() -> None:
    (text,) = faults("pipelines: &a {b: *a}\n")
    assert "вложенность" in text


def test_deep_nesting_is_refused() -> None:
    (text,) = faults("[" * 5000 + "]" * 5000)
    assert "вложенность" in text


def test_a_file_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_bytes(b"#" * (MAX_BYTES + 1))
    windows = tmp_path / "windows.yaml"
    windows.write_bytes("a: 1\nname: Продажи\n".encode("cp1251"))
    expected = {
        tmp_path / "no.yaml": "нет",
        tmp_path: "папка",
        big: "больше 1024 КБ",
        windows: "windows.yaml:2: файл не",
    }
    for path, part in expected.items():
        with pytest.raises(MappingError, match=part):
            load_rules(path)


def test_the_read_file_remembers_names_and_places(tmp_path: Path) -> None:
    path = tmp_path / "main.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    file = read_rules(path)
    assert file.names == {"0": "Продажи"}
    fault = file.fault(("pipelines", "0", "deal_paid", "stage"), "нет")
    assert str(fault) == f"{path}:10: pipelines.0.deal_paid.stage: нет"
