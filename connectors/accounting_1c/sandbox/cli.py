"""Command line of the stand-in: `sverka sandbox 1c`, or `python -m connectors.accounting_1c.sandbox`."""

from collections.abc import Sequence

import click

from connectors.accounting_1c.sandbox.defaults import default_seed
from connectors.accounting_1c.sandbox.sandbox import STAND_IN
from connectors.accounting_1c.sandbox.seed import ConfigName, Generate, Seed
from connectors.sandbox_kit.command import run_command, sandbox_command


def _seeded(given: Seed | None, config: ConfigName | None, invoices: int | None) -> Seed:
    seed = given or default_seed(config or "bp30")
    changed: dict[str, object] = {"config": config} if config else {}
    if invoices is not None:
        changed["generate"] = Generate(invoices=invoices)
    return seed.model_copy(update=changed)


command = sandbox_command(
    STAND_IN,
    about="Местная база 1С с публикацией OData: Бухгалтерия предприятия 3.0 или Управление торговлей 11.",
    seed_help="Что есть в базе при запуске",
    more=(
        click.option(
            "--config", type=click.Choice(["bp30", "ut11"]), help="Конфигурация: БП 3.0 (по умолчанию) или УТ 11."
        ),
        click.option("--invoices", type=click.IntRange(0, 200_000), help="Сочинить базу на столько счетов."),
    ),
    seeded=_seeded,
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command with these arguments (those of the process by default)."""
    run_command(command, argv)
