"""The small portal served when no seed is given."""

from importlib.resources import files

from connectors.bitrix24.sandbox.seed import Seed
from connectors.sandbox_kit.documents import parse_document


def default_seed() -> Seed:
    """Two deal funnels, one invoice pipeline, a few clients, deals and invoices."""
    text = files(__package__).joinpath("default_seed.json").read_text(encoding="utf-8")
    return parse_document(text, Seed, "default_seed.json")
