"""A report in the form that somebody asks for; the folder is the registry."""

from __future__ import annotations

from importlib import import_module

from watari.errors.usage import UnknownReportFormat
from watari.late import modules
from watari.locale import Language
from watari.reporting.report import Report
from watari.reporting.writers.writer import Writer

__all__ = ["names", "render", "writer_named"]


def names() -> tuple[str, ...]:
    """The forms there are: "html", "json", "markdown"."""
    return tuple(name for name in modules(__path__) if name != "writer")


def writer_named(name: str) -> Writer:
    """The writer of that name or file ending ("md", ".html"); raises `UnknownReportFormat`."""
    wanted = name.lower().lstrip(".")
    for module in names():
        writer = import_module(f"{__name__}.{module}").WRITER
        assert isinstance(writer, Writer)
        if wanted in (writer.name, *writer.also):
            return writer
    raise UnknownReportFormat(name=name, known=", ".join(names()))


def render(report: Report, form: str, language: Language) -> str:
    """The report as a whole text in one form and language; raises `UnknownReportFormat`."""
    return writer_named(form).write(report, language)
