"""What `sverka match --recognition` prints: by what payers are known, and what to do about the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from hub.domain.matching.recognition import RECOGNISED, Recognition

if TYPE_CHECKING:
    from hub.cli.session import Session
    from hub.match_files import RecognitionSummary

_R = Recognition
_TEXTS: Final[Mapping[Recognition, tuple[str, str]]] = {
    _R.TAX_ID: ("по ИНН", "by tax id"),
    _R.BRANCH: ("по ИНН, КПП другой (филиал)", "by tax id, another KPP (a branch)"),
    _R.ACCOUNT: ("по счёту", "by account"),
    _R.ALIAS: ("по правилу «платит за»", "by a rule “pays for”"),
    _R.TAX_ID_IN_TEXT: ("по ИНН в назначении", "by the tax id in the purpose"),
    _R.NAME: (
        "похоже только название: впишите клиенту ИНН",
        "only the name is alike: give the client its tax id",
    ),
    _R.FOR_ANOTHER: (
        "платит за другого, и это ещё никто не подтвердил",
        "pays for another one, and nobody has confirmed that yet",
    ),
    _R.SHARED: (
        "платит банк, казначейство или маркетплейс: за кого, не сказано",
        "a bank, a treasury or a marketplace pays: for whom is not said",
    ),
    _R.NO_REQUISITES: ("в платеже нет ни ИНН, ни счёта", "the payment has neither tax id nor account"),
    _R.NO_CLIENT: (
        "такого клиента нет ни в одном счёте: нет ИНН у клиента или деньги не от клиента",
        "no invoice has such a client: the client lacks its tax id, or it is no client's money",
    ),
}


def recognition_lines(session: Session, summary: RecognitionSummary) -> Iterator[str]:
    """The table, a line a kind; shares are of all incoming payments."""
    total = summary.counts.total()
    if not total:
        yield session.text("Поступлений нет.", "No incoming payments.")
        return
    known = sum(summary.counts[how] for how in RECOGNISED)
    share = f"{100 * known / total:.1f}"
    russian = f"Поступлений {total}, плательщик узнан: {share.replace('.', ',')} %"
    yield session.text(russian, f"{total} incoming, payer recognised: {share}%")
    for how, (russian, english) in _TEXTS.items():
        if summary.counts[how]:
            yield f"  {summary.counts[how]:>7}  {session.text(russian, english)}{_examples(session, summary, how)}"


def _examples(session: Session, summary: RecognitionSummary, how: Recognition) -> str:
    names = summary.names.get(how, {})
    if how in RECOGNISED or not names:
        return ""
    return session.text("; например: ", "; such as: ") + ", ".join(names)
