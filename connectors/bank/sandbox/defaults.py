"""The small banks served when no seed is given."""

from importlib.resources import files

from connectors.bank.sandbox.seed import Seed
from connectors.sandbox_kit.documents import parse_document


def default_seed() -> Seed:
    """Two accounts, one in each bank, with a few payments for invoices and the usual noise."""
    text = files(__package__).joinpath("default_seed.json").read_text(encoding="utf-8")
    return parse_document(text, Seed, "default_seed.json")
