"""Any outside system that reports payments by a webhook signed as Standard Webhooks says."""

from connectors.signed_webhook.door import SignedDoor
from connectors.signed_webhook.report import read_report

__all__ = ["SignedDoor", "read_report"]
