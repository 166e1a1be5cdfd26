"""From settings to what reads reports of payments and lets them in."""

from __future__ import annotations

from datetime import timedelta

from connectors.signed_webhook import SignedDoor, read_report
from hub.config import Config
from hub.ports.hooks import HookDoor
from hub.ports.state import Clock
from hub.services.report_source import ReportSource


def report_sources(config: Config) -> dict[str, ReportSource]:
    """What services know of each system that reports payments."""
    entities = config.company.tax_ids
    return {
        name: ReportSource(
            read=read_report,
            counts_to=system.account if system.act else None,
            # With several legal entities nothing says which of them owns the account.
            organisation_tax_id=entities[0] if len(entities) == 1 else None,
            patience=timedelta(days=system.patience_days),
        )
        for name, system in config.payment_reports.items()
    }


def report_doors(config: Config, clock: Clock) -> dict[str, HookDoor]:
    """What admits the messages of each of these systems."""
    return {
        name: SignedDoor(tuple(secret.get_secret_value() for secret in system.signing_secret), clock)
        for name, system in config.payment_reports.items()
    }


def report_hook_secrets(config: Config) -> dict[str, str]:
    """The unguessable part of each of their addresses."""
    return {name: system.hook_secret.get_secret_value() for name, system in config.payment_reports.items()}
