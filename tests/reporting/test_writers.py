"""One report in every form and language: complete, self-contained, and harmless whatever the database's names look like."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from watari.errors.usage import UnknownReportFormat
from watari.evidence import Run
from watari.locale import Language, Text
from watari.planning.plan import Plan
from watari.reporting.document import chapters, document
from watari.reporting.report import Report
from watari.reporting.sections.verification import name_of
from watari.reporting.writers import names, render, writer_named

FORMS = ("html", "md", "json")
EVIL = "x</code></script><script>alert(1)</script>|`\"'&amp;\u202e\x1b[31m\n# not a heading"


class Page(HTMLParser):
    """Reads a page strictly: every element closed in order, every attribute and element noted."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def everything_evil(report: Report) -> Report:
    """The report with a hostile text wherever a person, a file or a database can put one."""
    assert report.plan and report.outcome and report.evidence and report.backup
    message = Text(en="{x}", ja="{x}")(x=EVIL)
    step = replace(
        report.plan.steps[0], sql=(EVIL, EVIL), migration=EVIL, undo=(EVIL,), as_written=EVIL, rewritten=EVIL
    )
    effects = tuple(replace(effect, relation=EVIL) for effect in report.outcome.steps[0].effects)
    outcome = replace(report.outcome.steps[0], migration=EVIL, error=EVIL, blockers=(EVIL,), effects=effects)
    return replace(
        report,
        database=EVIL,
        environment=EVIL,
        server=EVIL,
        framework=EVIL,
        git_commit=EVIL,
        by=EVIL,
        host=EVIL,
        hazards=tuple(
            replace(h, object=EVIL, file=EVIL, safer=EVIL, message=message, facts={EVIL: EVIL}) for h in report.hazards
        ),
        plan=replace(report.plan, steps=(step, *report.plan.steps)),
        way_back=replace(report.plan, steps=(step,)),
        outcome=replace(report.outcome, steps=(outcome, *report.outcome.steps), error=EVIL, log_file=EVIL),
        evidence=replace(report.evidence, error=EVIL),
        backup=replace(report.backup, folder=EVIL, findings=(EVIL,)),
        verdicts=tuple(
            replace(v, object=EVIL, message=message, expected=EVIL, actual=EVIL, query=EVIL) for v in report.verdicts
        ),
        measures=tuple(replace(m, object=EVIL) for m in report.measures),
        signed={"window": EVIL},
    )


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("which", ["night", "stopped"])
def test_the_page_is_whole_and_loads_nothing(request: pytest.FixtureRequest, which: str, language: Language) -> None:
    text = render(request.getfixturevalue(which), "html", language)
    page = Page(text)
    assert not page.elements & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    for element, name, value in page.attributes:
        assert not name.startswith("on"), (element, name)
        if name in ("href", "src", "action", "srcset", "data", "xlink:href"):
            assert element == "a" and value.startswith("#")
    style = re.search(r"<style>(.*)</style>", text, re.DOTALL)
    assert style and not re.search(r"url\(|@import|expression", style[1])
    assert ("html", "lang", language.value) in page.attributes


@pytest.mark.parametrize("language", list(Language))
def test_every_link_of_the_page_has_its_place(night: Report, language: Language) -> None:
    page = Page(render(night, "html", language))
    places = [value for _, name, value in page.attributes if name == "id"]
    links = [value.removeprefix("#") for _, name, value in page.attributes if name == "href"]
    assert sorted(places) == sorted(set(places))
    assert links == places


def test_nothing_from_outside_becomes_an_element_or_an_attribute(night: Report) -> None:
    plain, evil = Page(render(night, "html", Language.EN)), Page(render(everything_evil(night), "html", Language.EN))
    assert evil.elements == plain.elements
    known = {(element, name) for element, name, _ in plain.attributes} | {("details", "open")}
    assert {(element, name) for element, name, _ in evil.attributes} <= known
    text = "".join(evil.words)
    assert "<script>alert(1)</script>" in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]", text)


def test_nothing_from_outside_breaks_the_structure_of_markdown(night: Report) -> None:
    def structure(text: str) -> list[str]:
        without_code = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
        return [line for line in without_code.splitlines() if line.startswith("#")]

    evil = render(everything_evil(night), "md", Language.EN)
    plain = [re.sub(r":.*", "", line) for line in structure(render(night, "md", Language.EN))]
    assert [re.sub(r":.*", "", line) for line in structure(evil)] == plain


def test_every_table_of_markdown_has_as_many_cells_in_every_row(night: Report) -> None:
    for report in (night, everything_evil(night)):
        text = re.sub(r"^(`{3,}).*?^\1$", "", render(report, "md", Language.JA), flags=re.DOTALL | re.MULTILINE)
        for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
            widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            assert len(widths) == 1, block


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", list(Language))
def test_every_form_tells_what_a_person_must_know(night: Report, form: str, language: Language) -> None:
    text = render(night, form, language)
    assert night.backup and night.plan and night.git_commit
    for needed in (
        "shop",
        "production",
        night.id,
        night.backup.id,
        night.plan.sha256[:12],
        night.git_commit[:12],
        "sato",
    ):
        assert needed in text
    for needed in (
        "orders_created_at_idx",
        "public.customers",
        "SHARE ROW EXCLUSIVE" if form != "md" else "ROW EXCLUSIVE",
    ):
        assert needed in text


def test_each_language_is_spoken_throughout(night: Report) -> None:
    english, japanese = (render(night, "html", language) for language in Language)
    kana = re.compile("[\u3040-\u30ff]")
    assert not kana.search(english.replace("渡り watari", "").split("</style>")[1])
    for heading in re.findall(r"<h[123]>(.*?)</h[123]>", japanese) + re.findall(r"<th [^>]*>(.*?)</th>", japanese):
        assert not heading or re.search("[\u3040-\u9fff]", heading), heading


def test_where_no_way_back_was_planned_the_report_says_how_to_ask_for_one(night: Report) -> None:
    assert "watari rollback -e production --database shop --run" in render(
        replace(night, way_back=None), "md", Language.EN
    )
    assert night.way_back
    none = render(replace(night, way_back=replace(night.way_back, steps=())), "md", Language.EN)
    assert "watari rollback" not in none and "watari restore" in none


def test_what_did_not_happen_is_not_told(night: Report) -> None:
    bare = Report(id="x", made_at=night.made_at, database="shop", environment="default")
    assert [section.id for section in document(bare).sections] == ["checklist"]
    for form in FORMS:
        for language in Language:
            assert "shop" in render(bare, form, language)


def test_json_holds_every_value_with_postgresqls_own_words(night: Report) -> None:
    whole = json.loads(render(night, "json", Language.JA))
    report = whole["report"]
    assert whole["conclusion"] == {
        "tone": "good",
        "headline": "完了・検証済み",
        "sentence": "マイグレーション 4 件を適用し、検証 17 件すべてに合格しました。",
    }
    assert report["plan"]["steps"][3]["effects"][0]["lock"] == "ACCESS EXCLUSIVE"
    assert report["backup"]["verified"] == "restored"
    assert report["made_at"] == "2026-11-21T02:00:30+09:00"
    assert report["hazards"][0]["message"].startswith("このインデックス作成の間")
    assert [each["title"] for each in whole["checklist"]] == ["実行前", "実行中", "実行後"]
    assert len(report["outcome"]["steps"]) == 8


def test_errors_and_blockers_are_seen_without_unfolding(stopped: Report) -> None:
    text = render(stopped, "html", Language.EN)
    assert re.search(r"<details open><summary><span>20261103_orders_total_not_null", text)
    assert "&lt;b&gt;alter&lt;/b&gt;" in text


def many_steps(report: Report, count: int) -> Report:
    assert report.plan and report.outcome
    plan, run = report.plan, report.outcome

    def copies(whole: Plan | Run) -> Callable[[int], object]:
        return lambda n: replace(whole.steps[n % 8], id=f"{n:04}.1")

    steps = tuple(copies(run)(n) for n in range(count))
    times = tuple(replace(step, started_at=run.started_at + timedelta(seconds=n)) for n, step in enumerate(steps))
    return replace(
        report,
        plan=replace(plan, steps=tuple(copies(plan)(n) for n in range(count))),
        outcome=replace(run, steps=times),
        verdicts=report.verdicts * 200,
    )


def test_a_report_of_thousands_of_steps_stays_readable(night: Report) -> None:
    whole = many_steps(night, 3000)
    page = render(whole, "html", Language.EN)
    assert len(page) < 1_500_000
    assert "Left out here: 2" in page or "The JSON report has" in page
    assert len(json.loads(render(whole, "json", Language.EN))["report"]["plan"]["steps"]) == 3000


def test_a_form_is_named_by_itself_or_by_a_files_ending() -> None:
    assert names() == ("html", "json", "markdown")
    assert writer_named(".HTM").name == "html"
    assert writer_named("md").name == "markdown"
    with pytest.raises(UnknownReportFormat, match="pdf"):
        writer_named("pdf")


def test_every_chapter_has_its_own_place_in_the_order() -> None:
    orders = [chapter.order for chapter in chapters()]
    assert len(orders) == len(set(orders)) >= 11


def test_checks_are_named_in_words_and_an_unknown_one_by_its_own_name() -> None:
    named = {
        name: name_of(name) for name in ("not-null constraints", "check constraints", "other objects", "brand_new")
    }
    assert [str(words) for words in named.values()] == [
        "NOT NULL constraints",
        "check constraints",
        "other objects",
        "brand new",
    ]
