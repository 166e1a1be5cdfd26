"""The small bases served when no seed is given."""

from importlib.resources import files

from connectors.accounting_1c.sandbox.seed import ConfigName, Seed
from connectors.sandbox_kit.documents import parse_document


def default_seed(config: ConfigName = "bp30") -> Seed:
    """An organisation, a few clients, invoices and payments in every state."""
    name = f"default_{config}.json"
    return parse_document(files(__package__).joinpath(name).read_text(encoding="utf-8"), Seed, name)
