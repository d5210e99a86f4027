"""Charts as small SVG pictures whose lengths are percentages, so that they fit a phone and a sheet of paper alike."""

from __future__ import annotations

from collections.abc import Callable

from watari.reporting import blocks
from watari.reporting.blocks import CheckState, Tone, Words
from watari.reporting.page.elements import Markup, tag

Say = Callable[[Words], str]

#: What is there is seen, however short it was: part of the width.
_SEEN = 0.004


def bars(chart: blocks.Bars, say: Say) -> Markup:
    """Lengths on one scale, and below them their courses over time."""
    rows = []
    for bar in chart.bars:
        track = tag("rect", width="100%", height="100%", rx="3", class_="f-track")
        length = tag("rect", width=_percent(max(bar.length, _SEEN)), height="100%", rx="3", class_=f"f-{bar.tone}")
        picture = tag("svg", track, length, role="img", aria_label=f"{say(bar.label)}: {say(bar.words)}")
        rows.append(tag("span", say(bar.label)))
        rows.append(tag("div", picture, tag("b", say(bar.words)), class_="row"))
    courses = [_course(bar, chart, say) for bar in chart.bars if bar.course]
    return Markup(tag("div", rows, class_="bars") + (tag("div", courses, class_="course") if courses else ""))


def _course(bar: blocks.Bar, chart: blocks.Bars, say: Say) -> Markup:
    width = 100 / len(bar.course)
    columns = [
        tag(
            "rect",
            x=_percent(place * width / 100),
            width=_percent(max(width * 0.82, 0.2) / 100),
            y=_percent(1 - max(height, 0.012)),
            height=_percent(max(height, 0.012)),
            class_=f"f-{bar.tone}",
        )
        for place, height in enumerate(bar.course)
    ]
    title = f"{say(bar.label)} · {say(chart.course_title)}" if chart.course_title else say(bar.label)
    return tag("figure", tag("svg", columns, role="img", aria_label=title), tag("figcaption", title))


def timeline(chart: blocks.Timeline, say: Say) -> Markup:
    """Lanes with their spans over one axis."""
    rows: list[Markup] = []
    for lane in chart.lanes:
        label = say(lane.label)
        rows.append(
            tag("span", tag("code", label) if isinstance(lane.label, str) else label, class_="name", title=label)
        )
        rows.append(tag("svg", _grid(chart), [_span(span, say) for span in lane.spans], role="img", aria_label=label))
    if chart.ticks:
        rows += [tag("span", class_="name"), tag("svg", [_tick(*tick) for tick in chart.ticks], class_="axis")]
    legend = tag("div", [tag("span", _swatch(tone), say(words)) for tone, words in chart.legend], class_="legend")
    note = tag("p", say(chart.note), class_="note") if chart.note else None
    return Markup(tag("h3", say(chart.title)) + tag("div", rows, class_="lanes") + legend + (note or ""))


def _grid(chart: blocks.Timeline) -> list[Markup]:
    lines = [tag("line", x1=_percent(at), x2=_percent(at), y1="-2", y2="115%", class_="grid") for at, _ in chart.ticks]
    return [
        *lines,
        *(tag("line", x1=_percent(at), x2=_percent(at), y1="-2", y2="115%", class_="cut") for at in chart.cuts),
    ]


def _span(span: blocks.Span, say: Say) -> Markup:
    length = max(span.length, _SEEN)
    start = min(span.start, 1 - length)
    title = tag("title", say(span.words))
    return tag(
        "rect",
        title,
        x=_percent(start),
        width=_percent(length),
        y="12%",
        height="76%",
        rx="1.5",
        class_=f"f-{span.tone}",
    )


def _tick(at: float, words: str) -> Markup:
    anchor = "start" if at < 0.02 else "end" if at > 0.94 else "middle"
    return tag("text", words, x=_percent(at), y="12", text_anchor=anchor, class_="tick")


def _swatch(tone: Tone) -> Markup:
    return tag("svg", tag("rect", width="100%", height="100%", rx="2", class_=f"f-{tone}"), aria_hidden="true")


_PATHS = {
    Tone.GOOD: "M8 16.5l5 5 11-12",
    Tone.WARN: "M16 8v10M16 23.4v.2",
    Tone.BAD: "M10 10l12 12M22 10l-12 12",
    Tone.QUIET: "M9 16h14",
    Tone.PLAIN: "M9 16h14",
}


def sign(tone: Tone) -> Markup:
    """A round sign for the conclusion."""
    ring = tag("circle", cx="16", cy="16", r="14.4", class_="box")
    return tag("svg", ring, tag("path", d=_PATHS[tone], class_="mark"), viewBox="0 0 32 32", aria_hidden="true")


def box(state: CheckState) -> Markup:
    """A square to tick, ticked where watari or a person did."""
    frame = tag("rect", x="1.5", y="1.5", width="17", height="17", rx="3", class_="box")
    marks = {
        CheckState.FAILED: "M6 6l8 8M14 6l-8 8",
        CheckState.PROVED: "M5.5 10.5l3 3 6-7",
        CheckState.SIGNED: "M5.5 10.5l3 3 6-7",
    }
    mark = tag("path", d=marks[state], class_="mark") if state in marks else None
    tones = {CheckState.PROVED: "good", CheckState.FAILED: "bad"}
    return tag(
        "svg", frame, mark, viewBox="0 0 20 20", class_=tones.get(state, "plain"), role="img", aria_label=state.value
    )


def _percent(part: float) -> str:
    return f"{part * 100:.3f}%"
