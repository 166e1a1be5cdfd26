"""From settings to what carries events: a sender for every receiver."""

from __future__ import annotations

from typing import Final

from connectors.shared.event_sender import DEADLINE_S, HttpEventSender, Receiver
from connectors.shared.runtime import installed_version
from hub.config import Config, EventEndpoint
from hub.services.endpoints import Endpoint, EventTiming

_SITE: Final = "sverka"


def open_endpoints(config: Config) -> dict[str, Endpoint]:
    """A sender for every receiver in the settings; nothing is opened before the first event goes out."""
    scale = config.timing_scale
    agent = f"{_SITE}/{installed_version()}"
    return {
        name: Endpoint(
            HttpEventSender(_receiver(settings), user_agent=agent, deadline_s=DEADLINE_S * scale),
            frozenset(settings.types),
            EventTiming(scale=scale),
        )
        for name, settings in config.events.items()
    }


def _receiver(settings: EventEndpoint) -> Receiver:
    secrets = tuple(item.get_secret_value() for item in settings.secret)
    return Receiver(settings.url.get_secret_value(), secrets, settings.allow_private)
