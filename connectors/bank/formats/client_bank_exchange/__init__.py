"""Statement files 1CClientBankExchange 1.01–1.03 (kl_to_1c.txt), and the dialect of Kazakh banks."""

from connectors.bank.formats.client_bank_exchange.reader import read_statement
from connectors.bank.formats.client_bank_exchange.source import Limits

__all__ = ["Limits", "read_statement"]
