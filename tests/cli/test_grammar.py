"""The grammar is a contract: verbs, common options, exit statuses, JSON keys."""

from __future__ import annotations

import pytest
from fixtures.program import Folder

from watari.cli.parsing import command_named, command_names

VERBS = {
    "init", "doctor", "status", "check", "plan", "rehearse", "backup", "restore", "apply", "cross", "verify",
    "rollback", "runs", "report", "release", "guard", "explain", "demo",
}  # fmt: skip
COMMON = ("-e", "--env", "--database", "--config", "--url", "--dir", "--framework", "--json", "--lang", "-q", "-v")


def test_the_verbs_are_those_of_the_design() -> None:
    assert set(command_names()) == VERBS


@pytest.mark.parametrize("verb", sorted(VERBS))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_command_has_help_with_the_common_options_and_an_example(tmp_path, verb: str, language: str) -> None:
    answer = Folder(tmp_path).watari(verb, "--help", language=language)
    assert answer.status == 0, answer.err
    for option in COMMON:
        assert option in answer.out
    assert f"watari {verb}" in answer.out.split("watari", 2)[2]
    assert command_named(verb).examples


def test_help_speaks_japanese(tmp_path) -> None:
    assert "未適用" in Folder(tmp_path).watari("status", "--help", language="ja").out
    assert "例:" in Folder(tmp_path).watari("apply", "--help", "--lang", "ja").out


def test_the_version_is_printed(tmp_path) -> None:
    assert Folder(tmp_path).watari("--version").out.startswith("watari 0.")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_knows_every_verb(tmp_path, shell: str) -> None:
    script = Folder(tmp_path).watari("--print-completion", shell).out
    for verb in VERBS:
        assert verb in script


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("status", "--bogus"), "unrecognized arguments: --bogus"),
        (("rollback", "-n", "0"), "-n"),
        (("backup",), "VERB"),
        (("frobnicate",), "frobnicate"),
        (("rollback", "-n", "1", "--to", "x"), "not allowed with"),
    ],
)
def test_wrong_words_end_with_two_and_one_sentence(tmp_path, words, said: str) -> None:
    answer = Folder(tmp_path).watari(*words)
    assert answer.status == 2
    assert said in answer.err
    assert "hint:" in answer.err
    assert "Traceback" not in answer.err


def test_wrong_words_are_told_in_japanese(tmp_path) -> None:
    answer = Folder(tmp_path).watari("status", "--bogus", language="ja")
    assert "認識できない引数です: --bogus" in answer.err
    assert "ヒント:" in answer.err


def test_common_options_stand_before_or_after_the_verb(folder: Folder) -> None:
    folder.write("migrations/001_a.sql", "CREATE TABLE a (id int);\n")
    assert folder.watari("status", "--json").document == folder.watari("--json", "status").document
