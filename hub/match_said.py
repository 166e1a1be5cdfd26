"""What is said of files that cannot be read, in Russian and in English."""

from __future__ import annotations

from typing import Final

from hub.domain.matching.said import Said

LINE: Final = Said("{name}, строка {line}", "{name}, line {line}")
DOCUMENT: Final = Said("{name}, документ {number}", "{name}, document {number}")
REPEATED_PAYMENT: Final = Said(
    "платёж «{id}» встретился ещё раз, повтор пропущен", "payment “{id}” is there again, the repetition is left out"
)
REPEATED_INVOICE: Final = Said(
    "счёт «{id}» встретился ещё раз, повтор пропущен", "invoice “{id}” is there again, the repetition is left out"
)
CANNOT_OPEN: Final = Said(
    "Файл {path} не открывается: {error}. Проверьте путь и права.",
    "File {path} cannot be opened: {error}. Check the path and the rights.",
)
NOT_UTF8: Final = Said(
    "Файл {path} не в UTF-8. Сохраните его в UTF-8 и повторите.",
    "File {path} is not in UTF-8. Save it as UTF-8 and try again.",
)
NO_INVOICES: Final = Said(
    "В файле {path} не прочитан ни один счёт. Нужны строки JSON, по счёту в строке (docs/matching.md).",
    "No invoice could be read in {path}. Lines of JSON are needed, an invoice a line (docs/matching.md).",
)
WORKER_LOST: Final = Said(
    "Один из процессов разбора остановлен системой (хватает ли памяти?). Повторите запуск.",
    "The system stopped one of the processes (is there enough memory?). Run it again.",
)
