"""A report as one HTML file that needs nothing else: to read on any screen, to print, to send along."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from watari.locale import Language, Message, Text
from watari.reporting import blocks
from watari.reporting.blocks import CheckState, Section, Tone, Words
from watari.reporting.document import Document, document
from watari.reporting.page import charts
from watari.reporting.page.elements import Markup, joined, tag
from watari.reporting.page.style import STYLE
from watari.reporting.report import Report
from watari.reporting.writers.writer import Writer

_MADE = Text(
    en="Made by watari {version} at {at}. This file holds everything; it loads nothing.",
    ja="watari {version} が {at} に作成。このファイルだけで完結し、外部の読み込みはありません。",
)
_CONTENTS = Text(en="Contents", ja="目次")
_PERSON = Text(en="for a person", ja="担当者が確認")
_DATE = Text(en="date", ja="日付")
#: Nothing may be loaded and nothing may run, whatever a name in the database looks like.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

Say = Callable[[Words], str]


def write(report: Report, language: Language) -> str:
    """The whole page."""
    whole, say = document(report), partial(_say, language)
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="robots", content="noindex"),
        tag("meta", name="generator", content=f"watari {whole.version}".strip()),
        tag("title", say(whole.title)),
        tag("style", Markup(STYLE)),
    )
    page = tag("html", tag("head", head), tag("body", tag("main", _main(whole, say))), lang=language.value)
    return f"<!doctype html>\n{page}\n"


def _say(language: Language, words: Words) -> str:
    return words.render(language) if isinstance(words, Message) else words


def _main(whole: Document, say: Say) -> Markup:
    brand = tag("div", tag("b", "渡り watari"), tag("span", whole.made_at), class_="brand")
    conclusion = tag(
        "div",
        charts.sign(whole.tone),
        tag("strong", say(whole.headline)),
        tag("p", say(whole.sentence)),
        class_=f"conclusion {whole.tone}",
    )
    links = (tag("a", say(section.title), href=f"#{section.id}") for section in whole.sections)
    return joined(
        (
            brand,
            tag("h1", say(whole.title)),
            conclusion,
            tag("div", [_figure(figure, say) for figure in whole.figures], class_="figures"),
            _facts(whole.facts, say),
            tag("nav", links, aria_label=say(_CONTENTS())),
            [_section(section, say) for section in whole.sections],
            tag("footer", say(_MADE(version=whole.version or "–", at=whole.made_at))),
        )
    )


def _figure(figure: blocks.Figure, say: Say) -> Markup:
    detail = tag("span", say(figure.detail), class_="detail") if figure.detail else None
    return tag(
        "div", tag("b", say(figure.value), class_=figure.tone), tag("span", say(figure.label)), detail, class_="figure"
    )


def _section(section: Section, say: Say) -> Markup:
    lead = tag("p", say(section.summary), class_="lead") if section.summary else None
    parts: list[Markup] = []
    lists: list[Markup] = []
    for block in section.blocks:
        written = _BLOCKS[type(block)](block, say)
        # checklists stand beside each other where there is room
        (lists if isinstance(block, blocks.Checklist) else parts).append(written)
    beside = tag("div", lists, class_="lists") if lists else None
    return tag("section", tag("h2", say(section.title)), lead, beside, parts, id=section.id, class_=section.tone)


def _prose(prose: blocks.Prose, say: Say) -> Markup:
    return tag("p", say(prose.words), class_=prose.tone if prose.tone is not Tone.PLAIN else None)


def _code(code: blocks.Code, say: Say) -> Markup:
    caption = tag("p", say(code.caption), class_="caption") if code.caption else None
    return joined((caption, tag("pre", tag("code", code.source))))


def _cell(cell: blocks.Cell, say: Say) -> Markup:
    words = say(cell.words)
    if cell.badge:
        return tag("span", words, class_=f"badge {cell.tone}")
    if cell.code:
        return tag("code", words)
    return tag("span", words, class_=cell.tone if cell.tone is not Tone.PLAIN else None)


def _facts(facts: blocks.Facts, say: Say) -> Markup:
    return tag("dl", (tag("div", tag("dt", say(name)), tag("dd", _cell(cell, say))) for name, cell in facts.pairs))


def _table(table: blocks.Table, say: Say) -> Markup:
    numbers = [all(row.cells[place].number for row in table.rows) for place in range(len(table.head))]
    head = (
        tag("th", say(words), class_="number" if right else None, scope="col")
        for words, right in zip(table.head, numbers, strict=True)
    )
    body = [_row(row, say) for row in table.rows]
    note = tag("p", say(table.note), class_="note") if table.note else None
    whole = tag("table", tag("thead", tag("tr", head)), tag("tbody", body))
    return joined((tag("div", whole, class_="wide"), note))


def _row(row: blocks.Row, say: Say) -> Markup:
    cells = []
    for place, cell in enumerate(row.cells):
        words = _cell(cell, say)
        if row.below and place == row.fold:
            words = _unfolding(words, row, say)
        cells.append(tag("td", words, class_="number" if cell.number else None))
    return tag("tr", cells)


def _unfolding(words: Markup, row: blocks.Row, say: Say) -> Markup:
    # what went wrong is seen without unfolding
    loud = any(isinstance(block, blocks.Prose) and block.tone is Tone.BAD for block in row.below)
    return tag("details", tag("summary", words), [_BLOCKS[type(block)](block, say) for block in row.below], open=loud)


def _card(card: blocks.Card, say: Say) -> Markup:
    label = tag("span", say(card.label), class_=f"badge {card.tone}")
    header = tag("header", label, tag("b", say(card.title)), tag("code", card.place) if card.place else None)
    return tag("div", header, [_BLOCKS[type(block)](block, say) for block in card.blocks], class_=f"card {card.tone}")


def _checklist(checklist: blocks.Checklist, say: Say) -> Markup:
    items = []
    for item in checklist.items:
        because = item.because or (_PERSON() if item.state is CheckState.PERSON else None)
        told = tag("small", say(because)) if because else None
        items.append(tag("li", charts.box(item.state), tag("span", say(item.words)), told))
    return tag("div", tag("h3", say(checklist.title)), tag("ul", items, class_="checks"))


def _signatures(signatures: blocks.Signatures, say: Say) -> Markup:
    places = (tag("div", tag("span", say(role)), tag("span", f"{say(_DATE())}:")) for role in signatures.roles)
    return tag("div", places, class_="signatures")


_BLOCKS: dict[type, Callable[..., Markup]] = {
    blocks.Prose: _prose,
    blocks.Code: _code,
    blocks.Facts: _facts,
    blocks.Table: _table,
    blocks.Card: _card,
    blocks.Checklist: _checklist,
    blocks.Signatures: _signatures,
    blocks.Bars: charts.bars,
    blocks.Timeline: charts.timeline,
}

WRITER = Writer(name="html", write=write, also=("htm",))
