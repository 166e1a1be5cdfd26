"""`sverka sandbox SYSTEM`: a local stand-in of an outside system, with that stand-in's own options."""

from __future__ import annotations

import click

from hub.cli.base import Group


class Sandboxes(Group):
    """Finds the stand-ins through the composition; only the one that is called is imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names of the systems."""
        from hub.composition.sandboxes import sandboxes

        return list(sandboxes())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The stand-in's command."""
        from hub.composition.sandboxes import sandbox_command

        return sandbox_command(cmd_name)


@click.group(cls=Sandboxes)
def sandbox() -> None:
    """Запустить местную копию внешней системы для проб.

    \b
    Пример:
      sverka sandbox bitrix24 --port 8400
      sverka sandbox bank --port 8401
      sverka sandbox 1c --config ut11 --port 8402

    Копия отвечает как настоящая система, но живёт на этом компьютере и ничего наружу не посылает. Первая строка
    вывода — JSON с адресами и данными для входа: подставьте их в настройки подключения и пробуйте. Остановить: Ctrl+C.
    """
