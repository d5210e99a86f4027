"""Every fault that a run has to survive, by its name, each with its proofs: a named state, a clear error, a start that completes.

A proof is a test that stands elsewhere; here it is named, and must be there.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

FAULTS: dict[str, tuple[str, ...]] = {
    "a backfill is interrupted by SIGKILL, SIGTERM, Ctrl-C or a lost connection": (
        "faults/test_backfill.py::test_it_is_continued_by_the_same_command_and_no_value_is_missing",
        "execution/test_backfill.py::test_a_backfill_whose_process_is_killed_goes_on_from_its_checkpoint",
        "execution/test_backfill_by_key.py::test_killed_again_and_again_each_row_is_still_changed_once",
    ),
    "a column is switched to before every row has its value": (
        "faults/test_backfill.py::test_the_switch_is_refused_as_long_as_rows_lack_their_value",
    ),
    "the runner is killed, or cut off, at any message": (
        "faults/test_kills.py::test_there_are_more_than_thirty_kinds_and_five_hundred_points",
        "faults/test_kills.py::test_cut_off_or_killed_at_some_messages_it_ends_equal",
        "faults/test_kills.py::test_cut_off_or_killed_at_every_message_it_ends_equal",
        "execution/test_kills.py::test_killed_at_every_point_it_ends_equal",
        "execution/test_kills.py::test_killed_again_and_again_it_ends_equal",
    ),
    "a way back is killed, or cut off": ("faults/test_going_back.py::test_cut_off_or_killed_it_ends_equal",),
    "the server stops at once": (
        "faults/test_server.py::test_a_server_that_stops_at_once_at_some_point_loses_nothing",
        "faults/test_server.py::test_a_server_that_stops_at_once_at_many_points_loses_nothing",
    ),
    "the network hangs without closing": (
        "faults/test_network.py::test_a_silent_network_stops_the_run_and_the_next_start_completes",
        "faults/test_network.py::test_an_answer_that_was_lost_on_the_way_is_not_waited_for",
    ),
    "a standby is promoted in the middle": (
        "faults/test_server.py::test_a_standby_that_is_promoted_in_the_middle_goes_on_where_it_stands",
        "faults/test_server.py::test_a_standby_is_promoted_at_many_points",
    ),
    "the disk is full": (
        "faults/test_resources.py::test_a_full_disk_stops_the_run_with_nothing_left_and_the_next_start_completes",
        "faults/test_resources.py::test_the_program_on_a_full_disk_stops_in_a_named_state_and_goes_on_when_there_is_room",
        "faults/test_guards.py::test_a_plan_that_does_not_fit_on_the_disk_is_refused_before_anything_is_changed",
    ),
    "a deadlock": (
        "execution/test_patience.py::test_a_deadlock_is_rolled_back_and_tried_again",
        "execution/test_patience.py::test_a_deadlock_without_any_patience_left_stops_in_a_named_state",
    ),
    "lock_timeout runs out": (
        "execution/test_patience.py::test_patience_has_an_end_that_names_who_was_in_the_way",
        "execution/test_backfill.py::test_patience_with_a_held_row_ends_and_the_next_start_does_the_rest",
    ),
    "statement_timeout fires": (
        "faults/test_resources.py::test_a_statement_that_takes_too_long_names_the_limit_and_the_next_start_completes",
        "execution/test_concurrent.py::test_a_build_that_runs_out_of_time_leaves_nothing_and_names_who_was_in_the_way",
    ),
    "memory is spent, the server's and the runner's": (
        "faults/test_resources.py::test_a_server_without_memory_for_a_statement_stops_the_run",
        "faults/test_resources.py::test_a_runner_whose_own_memory_is_spent_stops_in_a_named_state",
        "faults/test_resources.py::test_memory_that_runs_out_in_the_program_itself_is_a_sentence",
    ),
    "the application suffers": (
        "execution/test_canary.py::test_a_step_behind_whose_lock_the_application_waits_is_cancelled_and_done_by_the_next_start",
        "execution/test_canary.py::test_a_guarded_command_that_hurts_the_application_is_ended",
    ),
    "fifty starts at once": ("faults/test_at_once.py::test_of_fifty_starts_one_runs_and_the_others_say_who_does",),
    "the framework's own runner at the same time": (
        "faults/test_own_runners.py::test_a_prisma_deploy_beside_a_run_neither_deadlocks_nor_applies_anything",
        "faults/test_own_runners.py::test_a_run_beside_a_prisma_deploy_says_who_holds_the_database",
        "faults/test_own_runners.py::test_alembic_beside_a_run_does_nothing_twice",
    ),
    "what cannot be in a transaction ended, or did not, while nobody watched": (
        "execution/test_concurrent.py::test_a_build_that_was_finished_while_nobody_watched_is_seen",
        "execution/test_concurrent.py::test_a_detach_that_was_left_half_done_is_finished",
        "execution/test_concurrent.py::test_a_detach_that_ended_while_nobody_watched_is_seen",
        "execution/test_settling.py::test_what_was_made_while_nobody_watched_is_seen_and_not_made_twice",
        "execution/test_settling.py::test_what_was_not_dropped_before_the_end_is_dropped_by_the_next_start",
    ),
}


def named(file: Path) -> set[str]:
    """The functions of a file of tests."""
    return {node.name for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_its_proofs(fault: str) -> None:
    missing = [
        proof for proof in FAULTS[fault] if proof.partition("::")[2] not in named(TESTS / proof.partition("::")[0])
    ]
    assert missing == []
