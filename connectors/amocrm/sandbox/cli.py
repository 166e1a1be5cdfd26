"""Command line of the stand-in: `sverka sandbox amocrm`, or `python -m connectors.amocrm.sandbox`."""

from collections.abc import Sequence

from connectors.amocrm.sandbox.sandbox import STAND_IN
from connectors.sandbox_kit.command import run_command, sandbox_command

command = sandbox_command(
    STAND_IN, about="Локальный аккаунт amoCRM для проб и тестов.", seed_help="Что есть в аккаунте при запуске"
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command with these arguments (those of the process by default)."""
    run_command(command, argv)
