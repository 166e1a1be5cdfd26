"""Banks on the status page: whether each is read, what its money may do, whether its days add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from hub.domain.wording import money_text
from hub.ports.bank import DayProof, ProofState
from hub.ports.records import ConnectionRow
from hub.web.desk.effects import Badge, Tone
from hub.web.locale import Words
from hub.web.rendering import account_text
from hub.web.site import Site


@dataclass(frozen=True, slots=True)
class ProofView:
    """A day of an account: the equation that must hold, and whether it does."""

    account: str
    day: date
    badge: Badge
    equation: str


@dataclass(frozen=True, slots=True)
class BankView:
    """A bank as the page shows it.

    Attributes:
        newest: the newest day of each account.
        gaps: days that do not add up.
    """

    id: str
    title: str
    health: Badge
    acting: bool
    act_from: date | None
    mode_in_file: bool
    polled_at: datetime | None
    checked_at: datetime | None
    newest: Sequence[ProofView]
    gaps: Sequence[ProofView]


def bank_views(site: Site, rows: Iterable[ConnectionRow], health: dict[str, Badge]) -> list[BankView]:
    """Every bank of the settings, by name; `health` is how connections' states are called."""
    known, queries = {row.id: row for row in rows}, site.context.queries
    newest, gaps = queries.newest_bank_days(), queries.bank_gaps()
    return [
        _view(
            site,
            name,
            known.get(name),
            health[name],
            [proof for proof in newest if proof.connection == name],
            [proof for proof in gaps if proof.connection == name],
        )
        for name in sorted(site.context.rt.bank_sources)
    ]


def _view(
    site: Site,
    name: str,
    row: ConnectionRow | None,
    health: Badge,
    newest: Iterable[DayProof],
    gaps: Iterable[DayProof],
) -> BankView:
    source, say = site.context.rt.bank_sources[name], site.words
    return BankView(
        id=name,
        title=source.title,
        health=health,
        acting=row.acting if row is not None else False,
        act_from=row.act_from if row is not None else None,
        mode_in_file=source.mode_in_file,
        polled_at=row.polled_at if row is not None else None,
        checked_at=row.checked_at if row is not None else None,
        newest=[proof_view(proof, say) for proof in newest],
        gaps=[proof_view(proof, say) for proof in gaps],
    )


def proof_view(proof: DayProof, say: Words) -> ProofView:
    """The proof of a day for a person."""
    return ProofView(account_text(proof.account), proof.day, _badge(proof, say), _equation(proof, say))


def _badge(proof: DayProof, say: Words) -> Badge:
    if proof.state is ProofState.ABSENT:
        return Badge(Tone.CALM, say("банк не назвал остатки"))
    if proof.state is ProofState.PROVED:
        return Badge(Tone.GOOD, say("сходится"))
    if proof.difference:
        return Badge(Tone.STOP, say("не сходится на {sum}", sum=money_text(proof.difference)))
    jump = proof.jump
    return Badge(Tone.STOP, say("остаток за ночь изменился на {sum}", sum=money_text(jump) if jump else ""))


def _equation(proof: DayProof, say: Words) -> str:
    if proof.opening is None or proof.closing is None:
        return say(
            "поступило {credited}, списано {debited}",
            credited=money_text(proof.credited),
            debited=money_text(proof.debited),
        )
    return say(
        "{opening} + {credited} − {debited} {sign} {closing}",
        sign="≠" if proof.difference else "=",
        opening=money_text(proof.opening),
        credited=money_text(proof.credited),
        debited=money_text(proof.debited),
        closing=money_text(proof.closing),
    )
