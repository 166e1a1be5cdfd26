"""Switches of the hub: pause, resume, observe and act, and sending a parked effect again."""

from __future__ import annotations

from datetime import date

from hub.ports.records import AuditEntry, ConnectionRow
from hub.services.runtime import Runtime, Work

HUB = "hub"


class CannotSwitch(ValueError):
    """The switch cannot be set; the message says why (Russian)."""


def pause(rt: Runtime, actor: str) -> None:
    """From now on nothing is written to any system; reading goes on and the queue is kept."""
    now = rt.clock.now()
    with rt.store.write() as uow:
        uow.switches.pause(actor, now)
        uow.audit.append(AuditEntry("hub.paused", actor, HUB), now)


def resume(rt: Runtime, actor: str, connection: str | None = None) -> None:
    """Write again: the whole hub, or one connection that the hourly cap stopped."""
    now = rt.clock.now()
    with rt.store.write() as uow:
        if connection is None:
            uow.switches.resume()
        else:
            uow.connections.set_capped(connection, capped=False)
        uow.audit.append(AuditEntry("hub.resumed", actor, connection or HUB), now)
    rt.wake(Work.DELIVER, "")


def set_acting(rt: Runtime, connection: str, actor: str, act_from: date | None) -> ConnectionRow:
    """Switch a connection to act for money booked from `act_from` on; None switches it back to observe.

    What was only planned before stays planned: switching on never sends old intentions.

    Raises:
        CannotSwitch: no such connection, or its mode is written in the settings file.
    """
    settings = rt.connections.get(connection) or rt.bank_sources.get(connection)
    if settings is None:
        raise CannotSwitch(f"Подключения «{connection}» нет в настройках.")
    if settings.mode_in_file:
        raise CannotSwitch("Режим этого подключения задан в sverka.yaml (mode): поправьте его там и перезапустите хаб.")
    now = rt.clock.now()
    with rt.store.write() as uow:
        uow.connections.ensure(connection)
        uow.connections.set_acting(connection, act_from is not None, act_from)
        data = {"act_from": act_from.isoformat() if act_from else None}
        uow.audit.append(AuditEntry("connection.switched", actor, connection, data), now)
        return uow.connections.ensure(connection)


def send_again(rt: Runtime, effect_id: int, actor: str) -> None:
    """Send a parked effect once more, after a person removed what blocked it.

    Raises:
        CannotSwitch: the effect is not parked.
    """
    now = rt.clock.now()
    with rt.store.write() as uow:
        if not uow.outbox.requeue(effect_id, now):
            raise CannotSwitch("Это действие не ждёт решения: обновите страницу.")
        uow.audit.append(AuditEntry("effect.requeued", actor, f"outbox/{effect_id}"), now)
    rt.wake(Work.DELIVER, "")


def read_again(rt: Runtime, inbox_id: int, actor: str) -> bool:
    """Have a settled inbound fact read once more by the sweeper; False while it waits or where its bytes are gone."""
    now = rt.clock.now()
    with rt.store.write() as uow:
        if not uow.inbox.read_again(inbox_id, now):
            return False
        uow.audit.append(AuditEntry("inbox.replayed", actor, f"inbox/{inbox_id}"), now)
    return True


def put_aside(rt: Runtime, effect_id: int, actor: str) -> None:
    """A person has seen to what a parked effect was about: it is not shown as waiting any more.

    Raises:
        CannotSwitch: the effect is not parked.
    """
    now = rt.clock.now()
    with rt.store.write() as uow:
        row = uow.outbox.get(effect_id)
        if row is None or not uow.outbox.put_aside(effect_id, now):
            raise CannotSwitch("Это действие не ждёт решения: обновите страницу.")
        data = {"effect": effect_id, "payment": row.payment_id}
        uow.audit.append(AuditEntry("effect.put_aside", actor, row.subject, data), now)
