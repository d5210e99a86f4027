"""What a rehearsal on a fifth of the rows expects, against what the run on all of them takes."""

from __future__ import annotations

import os
from pathlib import Path

from bench.databases import drop
from watari.crossing import Crossing
from watari.demo.loading import create_database, load
from watari.demo.naive import apply_as_written
from watari.demo.project_folder import SHOP
from watari.postgres.embedded import EmbeddedServer
from watari.project.settings import load as load_project
from watari.reporting.wording import duration

#: About 230 bytes an order with everything that hangs on it: 21 million are 5 GB.
_ORDERS = int(os.environ.get("WATARI_BENCH_ORDERS", "1000000"))
_FACTOR = 1.5
_CHANGES = (
    "CREATE INDEX orders_customer_id_idx ON orders (customer_id);",
    "ALTER TABLE orders ADD CONSTRAINT orders_of_customers FOREIGN KEY (customer_id) REFERENCES customers (id);",
    "ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total_yen >= 0);",
    "ALTER TABLE orders ALTER COLUMN status SET NOT NULL;",
    "ALTER TABLE orders ADD COLUMN note text DEFAULT 'none';",
    "CREATE UNIQUE INDEX orders_once ON orders (id, customer_id);",
    "ALTER TABLE orders ALTER COLUMN total_yen TYPE bigint;",
    "CREATE TABLE coupons (code text PRIMARY KEY);",
)


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints expected and taken for each step, and how many of ten lie within a factor of 1.5."""
    shop = create_database(server.url(), "times")
    apply_as_written(shop, sorted((SHOP / "migrations").glob("*.up.sql")))
    load(shop, orders=_ORDERS, told=lambda part: None)
    (folder / "migrations").mkdir(parents=True)
    (folder / "migrations" / "001_changes.up.sql").write_text("\n".join(_CHANGES) + "\n")
    project = load_project(folder, environ={"DATABASE_URL": shop.reveal().reveal()})
    (target,) = project.targets()
    crossing = Crossing(project, target)
    plan = crossing.plan()
    evidence = crossing.rehearse(plan, clone="dump", rows="20%")
    outcome = crossing.apply(plan)
    taken = {step.id: step.seconds for step in outcome.steps}
    print(f"\nExpected from a fifth of the rows, taken on {_ORDERS:,} orders")
    print("| step | on the clone | expected | taken | taken / middle |\n| --- | --- | --- | --- | --- |")
    within = counted = 0
    for each in evidence.expected:
        seconds = taken.get(each.step) or 0.0
        near = each.low <= seconds <= each.high or each.middle / _FACTOR <= seconds <= each.middle * _FACTOR
        within, counted = within + near, counted + 1
        ratio = f"{seconds / each.middle:.2f}" if each.low else "–"
        cells = (
            each.step,
            duration(each.rehearsed),
            f"{duration(each.low)} – {duration(each.high)}",
            duration(seconds),
        )
        print(f"| {' | '.join(cells)} | {ratio} |")
    print(f"{within} of {counted} within a factor of {_FACTOR}", flush=True)
    drop(server, shop)
