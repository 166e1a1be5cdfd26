"""`python -m benchmarks.match.exact_join PAYMENTS INVOICES OUT`: the least that anybody would write with polars.

Every word of a purpose that holds a digit is taken for a number; a pair is an open invoice of that number and of the
payment's amount. Nothing else is looked at, nothing is explained: not who pays, not a second answer, not what is open.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import polars as pl

_NUMBER: Final = r"[\p{L}\d/-]*\d[\p{L}\d/-]*"
_PAYMENT: Final = {"id": pl.String, "amount": pl.String, "purpose": pl.String}
_INVOICE: Final = {"id": pl.String, "number": pl.String, "amount": pl.String, "status": pl.String}


def join(payments: Path, invoices: Path, out: Path) -> None:
    """Write the pairs as lines of JSON."""
    named = (
        pl.scan_ndjson(payments, schema=_PAYMENT)
        .select(pl.col("id").alias("payment"), "amount", pl.col("purpose").str.extract_all(_NUMBER).alias("number"))
        .explode("number")
        .drop_nulls("number")
    )
    asked = pl.scan_ndjson(invoices, schema=_INVOICE).filter(pl.col("status") == "open")
    found = asked.select(pl.col("id").alias("invoice"), "number", "amount").join(named, on=["number", "amount"])
    found.select("payment", "invoice").unique().collect().write_ndjson(out)


if __name__ == "__main__":
    join(*(Path(name) for name in sys.argv[1:4]))
