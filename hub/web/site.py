"""One desk: its context, its templates and words, and how a page is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment
from starlette.responses import HTMLResponse

from hub.web.context import WebContext
from hub.web.locale import Words, words
from hub.web.rendering import make_environment


@dataclass(frozen=True, slots=True)
class Site:
    """What every page works with."""

    context: WebContext
    words: Words
    templates: Environment

    def now(self) -> datetime:
        """Now, by the hub's clock."""
        return self.context.rt.clock.now()

    def html(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """Render a template; `user`, `section` and the messages are empty unless given."""
        base: dict[str, object] = {
            "site": self.context,
            "user": None,
            "section": "",
            "banners": (),
            "notice": "",
            "problem": "",
            "csrf": "",
        }
        return HTMLResponse(self.templates.get_template(template).render(base | values), status_code=status)


def make_site(context: WebContext) -> Site:
    """Open the templates in the context's language and time zone."""
    chosen = words(context.language)
    return Site(context, chosen, make_environment(chosen, context.zone))
