"""Prediction against measurement: every form of the data set, on the server versions that it was measured on."""

from __future__ import annotations

import json
import random

import psycopg
import pytest

from bench.lock_forms import DATA, FILES, forms, score, statements
from bench.scoring import Form, Score
from watari.postgres.embedded import EmbeddedServer
from watari.risk.effects import predict

#: Forms that text and catalog cannot tell, and why. Everything else has to be right.
LISTED = {
    "add_ref_null_default": "a constant NULL as default: no row is looked up after all",
    "fk_multi": "the server reads the referenced table through its index",
    "update_returning": "the server reads a short range through an index",
    "do_loop": "the server plans the statement of a loop for one row",
    "ct_26": "the server looks the rows of the new table up in the index of a wide table alone",
    "pt_attach_fk": "the same; on 15 it reads the table",
    "dml_15": "the row has that value already, so nothing is looked up",
    "do_10": "a loop that is never entered",
    **dict.fromkeys(("vw_17", "vw_18", "mv_17", "do_6"), "an index holds all that is asked for, and is smaller"),
    **dict.fromkeys(("dml_10", "dml_12", "dml_34"), "the server joins through both indexes"),
    **dict.fromkeys(("dml_17", "dml_68", "dml_69"), "a short range, which the server's statistics tell"),
    **dict.fromkeys(("sg_98", "sg_100", "sg_182"), "the same"),
    "sg_110": "a single row of VALUES is folded into the condition",
    "sg_135": "what runs is put together from the rows of a catalog; the statement is said to be unknown",
    "trw_14": "a file without rows",
    "mis_25": "an index of the same name made again by another statement is another index",
    "mis_37": "the table has no page before the script fills it, and is closed while it is read all the same",
    "dml_67": "an index over the expression",
}

FORMS = {file: forms(file) for file in FILES}
#: The larger files are sampled, and whole in the long suite.
SAMPLED = {"further-forms.jsonl": 250, "strange-forms.jsonl": 100}
WANTED = [
    pytest.param(random.Random(4).sample(found, SAMPLED.get(file, len(found))), id=file)
    for file, found in FORMS.items()
] + [pytest.param(FORMS[file], id=f"all of {file}", marks=pytest.mark.full) for file in SAMPLED]


def held(result: Score) -> None:
    print(f"\n{result}")
    assert set(result.wrong) <= set(LISTED)
    assert result.precision >= 0.98 and result.recall >= 0.98


@pytest.mark.parametrize("wanted", WANTED)
def test_predictions_equal_measurements_on_18(server: EmbeddedServer, wanted: list[Form]) -> None:
    with psycopg.connect(**server.url("postgres").conninfo()) as connection:
        major = connection.info.server_version // 10000
    if major not in (15, 18):
        pytest.skip(f"the forms were measured on 15 and 18, this server is {major}")
    held(score(server, str(major), wanted))


@pytest.mark.parametrize("wanted", WANTED)
def test_predictions_equal_measurements_on_15(server_15: EmbeddedServer, wanted: list[Form]) -> None:
    held(score(server_15, "15", wanted))


def test_every_form_is_parsed_and_known_without_a_database() -> None:
    for form in (form for found in FORMS.values() for form in found):
        effects = predict(statements(form["sql"]), None)
        assert len(effects) == len(statements(form["sql"]))


def test_none_of_squawks_false_alarms_and_all_that_it_misses(server: EmbeddedServer) -> None:
    """Source: Squawk 2.70.0 over the 417 forms (`bench/blocking.py` runs it again): 44 false alarms, 29 missed on 18."""
    wrong = json.loads((DATA / "squawk.json").read_text("utf-8"))
    assert (len(wrong["false alarms"]), len(wrong["missed"])) == (44, 29)
    wanted = [form for form in FORMS["lock-forms.jsonl"] if form["id"] in {*wrong["false alarms"], *wrong["missed"]}]
    with psycopg.connect(**server.url("postgres").conninfo()) as connection:
        if connection.info.server_version // 10000 != 18:
            pytest.skip("the forms were measured on 15 and 18, and Squawk's rules are of 18")
    result = score(server, "18", wanted)
    assert result.alarms == {"right": 29, "false": 0, "missed": 0, "silent": 44}
