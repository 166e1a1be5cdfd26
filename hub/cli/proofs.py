"""Proofs of banks' days as lines of `sverka status`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.cli.session import Session
from hub.domain.wording import money_text
from hub.ports.bank import DayProof, ProofState


def proof_lines(session: Session, newest: Sequence[DayProof], gaps: Sequence[DayProof]) -> Iterator[str]:
    """Days that do not add up first, then how the newest day of each account stands."""
    for proof in gaps:
        yield session.text("НЕ СХОДИТСЯ", "GAP") + f": {_name(proof)}: {_trouble(session, proof)}"
    shown = {(proof.connection, proof.account, proof.day) for proof in gaps}
    for proof in newest:
        if (proof.connection, proof.account, proof.day) not in shown:
            yield f"{_name(proof)}: {_state(session, proof)}"


def _name(proof: DayProof) -> str:
    return f"{proof.connection}, …{proof.account[-4:]}, {proof.day:%d.%m.%Y}"


def _trouble(session: Session, proof: DayProof) -> str:
    parts = []
    if proof.opening is not None and proof.closing is not None and proof.difference:
        opening, credited, debited, closing = map(
            money_text, (proof.opening, proof.credited, proof.debited, proof.closing)
        )
        off = money_text(proof.difference)
        equation = f"{opening} + {credited} − {debited} ≠ {closing}"
        parts.append(session.text(f"{equation}, разница {off}", f"{equation}, off by {off}"))
    if proof.jump:
        jump = money_text(proof.jump)
        parts.append(session.text(f"остаток за ночь изменился на {jump}", f"the balance changed by {jump} overnight"))
    if proof.broken:
        parts.append(session.text(f"в карантине строк: {proof.broken}", f"unreadable rows: {proof.broken}"))
    return "; ".join(parts)


def _state(session: Session, proof: DayProof) -> str:
    if proof.state is ProofState.ABSENT:
        return session.text("банк не назвал остатки", "the bank named no balances")
    closing = money_text(proof.closing) if proof.closing is not None else ""
    return session.text(f"сходится, остаток {closing}", f"adds up, balance {closing}")
