"""The small account served when no seed is given."""

from importlib.resources import files

from connectors.amocrm.sandbox.seed import Seed
from connectors.sandbox_kit.documents import parse_document


def default_seed() -> Seed:
    """Two pipelines, an archived one, clients with requisites of every shape, invoices in every status."""
    text = files(__package__).joinpath("default_seed.json").read_text(encoding="utf-8")
    return parse_document(text, Seed, "default_seed.json")
