"""What is in the base when it starts: the seed's objects, and the generated ones when it asks for them."""

from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.loading import fill


def fill_base(base: Base) -> None:
    """Empty it and fill it. Raises DocumentError."""
    fill(base)
