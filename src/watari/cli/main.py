"""The command line's door: parse, call one command, catch once, answer with an exit status.

Only what has to be is imported up here: an interruption before `main` has begun ends in Python's own words.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing's own costs its import
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from watari.errors import WatariError
    from watari.locale import Language

_INTERRUPTED = 130


def entry() -> None:
    """The `watari` program."""
    try:
        from watari.cli import short, streams

        streams.prepare()
        short.prepare()
        status = main(sys.argv[1:])
    except KeyboardInterrupt:  # while the first modules were read
        status = _INTERRUPTED
    _end(status)


def main(argv: Sequence[str]) -> int:
    """One call of the program; every condition becomes a sentence and an exit status here and nowhere else."""
    try:
        if list(argv) in (["--version"], ["-V"]):
            return _told(_print_version, argv)
        return _told(lambda: _dispatch(argv, _language(argv)), argv)
    except KeyboardInterrupt:
        from watari.errors.stopped import Interrupted

        return _tell(Interrupted(), _language(argv), verbose=False)


def _told(work: Callable[[], int], argv: Sequence[str]) -> int:
    """What the work answers, once all that it said is written."""
    from watari.cli import streams

    try:
        status = work()
        streams.finish()
        return status
    except Exception as failure:  # the last line of defence: a sentence, not a traceback
        return _tell(_condition(failure), _language(argv), verbose=_verbose(argv), cause=failure)


def _dispatch(argv: Sequence[str], language: Language) -> int:
    from watari.cli.parsing import build, command_named, command_names, parse

    options = parse(argv, language)
    if options.version:
        return _print_version()
    if options.print_completion:
        import shtab

        print(shtab.complete(build(command_names(), language), options.print_completion))
        return 0
    if options.command is None:
        build(command_names(), language).print_help()
        return 0
    from watari.cli.context import Context

    with Context(options, language) as context:
        return int(command_named(options.command).run(context))


def _print_version() -> int:
    from watari import __version__
    from watari.cli.streams import put

    put(f"watari {__version__}\n", sys.stdout)
    return 0


def _condition(failure: Exception) -> WatariError:
    """The condition that ends a command; what nobody foresaw, as far as its kind says something."""
    from watari.errors import WatariError

    if isinstance(failure, WatariError):
        return failure
    from watari.errors.reach import FileRefused, ServerRefused, Unexpected
    from watari.locale.system import reason_of

    said = str(failure).strip().partition("\n")[0] or "-"
    if isinstance(failure, OSError) and failure.filename:
        return FileRefused(file=failure.filename, reason=reason_of(failure))
    if type(failure).__module__.partition(".")[0] == "psycopg":  # not imported where no command needed it
        return ServerRefused(reason=said, state=getattr(failure, "sqlstate", None) or "-")
    return Unexpected(kind=type(failure).__name__, reason=said)


def _language(argv: Sequence[str]) -> Language:
    from watari.locale import Language, language_of_environment

    for place, word in enumerate(argv):
        value = word.removeprefix("--lang=") if word.startswith("--lang=") else None
        if word == "--lang" and place + 1 < len(argv):
            value = argv[place + 1]
        if value in ("ja", "en"):
            return Language(value)
    return language_of_environment()


def _verbose(argv: Sequence[str]) -> bool:
    return "-v" in argv or "--verbose" in argv


def _tell(condition: WatariError, language: Language, *, verbose: bool, cause: BaseException | None = None) -> int:
    from contextlib import suppress

    from watari.cli.streams import finish, mutter
    from watari.errors import WatariError
    from watari.monitoring.masking import masker

    with suppress(WatariError):
        finish()  # what was said before stands before it
    if verbose:
        import traceback

        mutter("".join(traceback.format_exception(cause or condition)))
    # what others said may hold an address, and more than one line
    lines = [f"watari: {masker()(condition.message.render(language))}"]
    if condition.advice:
        mark = "ヒント" if language == "ja" else "hint"
        lines.append(f"{mark}: {condition.advice.render(language)}")
    mutter("".join(" ".join(line.split("\n")) + "\n" for line in lines))
    return int(condition.status)


def _end(status: int) -> None:
    import signal

    from watari.cli import short

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the answer stands; Python's way out is not to be told
    short.leave(status)
