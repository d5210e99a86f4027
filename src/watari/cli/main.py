"""The command line's door: parse, call one command, catch once, answer with an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from watari import __version__
from watari.errors import ExitStatus, WatariError
from watari.locale import Language, language_of_environment


def entry() -> None:
    """The `watari` program."""
    status = main(sys.argv[1:])
    # a reader that went away (`| head`) is no error of ours
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(int(status))


def main(argv: Sequence[str]) -> ExitStatus:
    """One call of the program; every condition becomes a sentence and an exit status here and nowhere else."""
    if list(argv) in (["--version"], ["-V"]):
        print(f"watari {__version__}")
        return ExitStatus.DONE
    language = _language(argv)
    try:
        return _dispatch(argv, language)
    except WatariError as condition:
        return _tell(condition, language, verbose=_verbose(argv))
    except BrokenPipeError:
        return ExitStatus.DONE
    except KeyboardInterrupt:
        from watari.errors.stopped import Interrupted

        return _tell(Interrupted(), language, verbose=False)
    except Exception as unexpected:  # the last line of defence: a sentence, not a traceback
        from watari.errors.reach import Unexpected

        return _tell(
            Unexpected(kind=type(unexpected).__name__, reason=str(unexpected).strip() or "-"),
            language,
            verbose=_verbose(argv),
            cause=unexpected,
        )


def _dispatch(argv: Sequence[str], language: Language) -> ExitStatus:
    from watari.cli.parsing import build, command_named, command_names, parse

    options = parse(argv, language)
    if options.version:
        print(f"watari {__version__}")
        return ExitStatus.DONE
    if options.print_completion:
        import shtab

        print(shtab.complete(build(command_names(), language), options.print_completion))
        return ExitStatus.DONE
    if options.command is None:
        build(command_names(), language).print_help()
        return ExitStatus.DONE
    from watari.cli.context import Context

    with Context(options, language) as context:
        return command_named(options.command).run(context)


def _language(argv: Sequence[str]) -> Language:
    for place, word in enumerate(argv):
        value = word.removeprefix("--lang=") if word.startswith("--lang=") else None
        if word == "--lang" and place + 1 < len(argv):
            value = argv[place + 1]
        if value in ("ja", "en"):
            return Language(value)
    return language_of_environment()


def _verbose(argv: Sequence[str]) -> bool:
    return "-v" in argv or "--verbose" in argv


def _tell(
    condition: WatariError, language: Language, *, verbose: bool, cause: BaseException | None = None
) -> ExitStatus:
    if verbose:
        import traceback

        traceback.print_exception(cause or condition, file=sys.stderr)
    print(f"watari: {condition.message.render(language)}", file=sys.stderr)
    if condition.advice:
        mark = "ヒント" if language is Language.JA else "hint"
        print(f"{mark}: {condition.advice.render(language)}", file=sys.stderr)
    return condition.status
