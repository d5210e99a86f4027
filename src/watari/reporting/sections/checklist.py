"""The runbooks' checklists, filled in as far as watari can know, and places for those who sign."""

from __future__ import annotations

from watari.locale import Text
from watari.reporting.blocks import Chapter, CheckState, Section, Signatures, Tone
from watari.reporting.checklist import checklist
from watari.reporting.report import Report

_TITLE = Text(en="Checklist", ja="チェックリスト")
_SUMMARY = Text(
    en="Ticked: {done} of {all} (proved by watari: {proved}). Left for a person: {person}.",
    ja="{all} 項目中 {done} 項目を確認済み（うち watari による確認 {proved} 項目）。残る {person} 項目は担当者が確認してください。",
)
_SUMMARY_FAILED = Text(
    en="Ticked: {done} of {all} (proved by watari: {proved}). Not holding: {failed}. Left for a person: {person}.",
    ja="{all} 項目中 {done} 項目を確認済み（うち watari による確認 {proved} 項目）、{failed} 項目は不成立です。"
    "残る {person} 項目は担当者が確認してください。",
)
_ROLES = (
    Text(en="carried out by", ja="実施者"),
    Text(en="checked by", ja="確認者"),
    Text(en="approved by", ja="承認者"),
)


def make(report: Report) -> Section | None:
    """Three lists and three signatures."""
    lists = checklist(report)
    states = [item.state for each in lists for item in each.items]
    words = {
        "done": states.count(CheckState.PROVED) + states.count(CheckState.SIGNED),
        "proved": states.count(CheckState.PROVED),
        "failed": states.count(CheckState.FAILED),
        "person": states.count(CheckState.PERSON),
        "all": len(states),
    }
    return Section(
        id="checklist",
        title=_TITLE(),
        summary=_SUMMARY_FAILED(**words) if words["failed"] else _SUMMARY(**words),
        blocks=(*lists, Signatures(roles=tuple(role() for role in _ROLES))),
        tone=Tone.BAD if words["failed"] else Tone.PLAIN,
    )


CHAPTER = Chapter(order=110, make=make)
