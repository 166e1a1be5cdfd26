"""Command line of the stand-in: `sverka sandbox bitrix24`, or `python -m connectors.bitrix24.sandbox`."""

from collections.abc import Sequence

from connectors.bitrix24.sandbox.sandbox import STAND_IN
from connectors.sandbox_kit.command import run_command, sandbox_command

command = sandbox_command(
    STAND_IN, about="Локальный портал Битрикс24 для проб и тестов.", seed_help="Что есть на портале при запуске"
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command with these arguments (those of the process by default)."""
    run_command(command, argv)
