"""Can the planner use the indexes that the plan made, and does it choose them?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.evidence.observation import IndexPlan
from watari.locale import Text
from watari.verification.check import Check, Subject
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

CHOSEN = Text(
    en="the planner uses {index} for a search by its first column",
    ja="先頭カラムによる検索で {index} が使用されます",
)
CHEAPER = Text(
    en="the planner can use {index}; at the table's present size and contents another way is cheaper",
    ja="{index} は使用可能ですが、現在の件数・値の分布では別の方法の方が低コストと判断されています",
)
UNUSABLE = Text(
    en="the planner cannot use {index} even for a search by its first column; compare its operator class and collation",
    ja="先頭カラムによる検索でも {index} が使用されません。演算子クラスや照合順序を確認してください",
)


def _compare(compared: Compared) -> Iterator[Verdict]:
    promised = {object for _, object, state in compared.promised("index") if state != "absent"}
    for index, plan in sorted(compared.observation.index_plans.items()):
        if index in promised:
            yield _verdict(index, plan)


def _verdict(index: str, plan: IndexPlan) -> Verdict:
    subject = Subject(check=CHECK.name, object=index, expected="used", query=f"EXPLAIN {plan.query}")
    if plan.chosen:
        return subject.passed(CHOSEN(index=index), "used")
    if plan.usable:
        return subject.passed(CHEAPER(index=index), "usable")
    return subject.warned(UNUSABLE(index=index), "not used")


CHECK = Check(
    name="index use",
    title=Text(en="the planner can use the new indexes", ja="新しいインデックスの使用可否"),
    question=None,
    compare=_compare,
)
