"""Command line of the stand-in: `sverka sandbox bank`, or `python -m connectors.bank.sandbox`."""

from collections.abc import Sequence

from connectors.bank.sandbox.sandbox import STAND_IN
from connectors.sandbox_kit.command import run_command, sandbox_command

command = sandbox_command(
    STAND_IN,
    about="Две местные копии банков, Точка и Т-Банк, для проб и тестов.",
    seed_help="Какие счета и операции есть при запуске",
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command with these arguments (those of the process by default)."""
    run_command(command, argv)
