"""What a user of onec-odata does with a base, run by a newer Python than ours: `onec_session.py ADDRESS USER PASSWORD`.

Prints what it saw as JSON.
"""

import importlib
import json
import sys
from typing import Any

INVOICES = "СчетНаОплатуПокупателю"


def main(address: str, user: str, password: str) -> dict[str, Any]:
    """Read, filter, page, write, post and be refused."""
    theirs: Any = importlib.import_module("onec_odata")
    refusals: Any = importlib.import_module("onec_odata.exceptions")
    with theirs.ODataClient(address, auth=(user, password)) as client:
        invoices = client.document(INVOICES)
        query = theirs.Query().filter("Posted eq true and Date ge datetime'2026-03-02T12:00:00'")
        page = invoices.list(query.order_by_desc("Date").with_count())
        every = [row["Number"] for row in invoices.iterate(theirs.Query().order_by("Number"), page_size=2)]
        one = invoices.get(page[0].ref_key)
        info = client.metadata().entity_type_for_set(f"Document_{INVOICES}")
        made = invoices.create({"Date": "2026-04-01T10:00:00", "СуммаДокумента": 10.5})
        key = made.ref_key
        invoices.post_document(key)
        posted = invoices.get(key)["Posted"]
        invoices.unpost_document(key)
        stale = _refused(refusals, lambda: invoices.update(key, {"Комментарий": "x"}, if_match=made.data_version))
        edited = invoices.update(key, {"Комментарий": "y"})
        invoices.delete(key)
        return {
            "count": page.total_count,
            "page": [row["Number"] for row in page],
            "every": every,
            "total": invoices.count(),
            "one": one["Number"],
            "properties": info.property_names,
            "posted": posted,
            "stale": stale,
            "edited": edited["Комментарий"],
            "gone": _refused(refusals, lambda: invoices.get(key)),
            "wrong": _refused(refusals, lambda: invoices.list(theirs.Query().filter("Нет eq 1"))),
        }


def _refused(refusals: Any, call: Any) -> list[Any]:
    try:
        call()
    except refusals.ODataError as error:
        return [type(error).__name__, getattr(error, "internal_code", None)]
    return []


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:]), ensure_ascii=False))
