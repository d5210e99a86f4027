"""Real Django projects: watari plans what Django would send, and each continues what the other began."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fixtures.django_sites import Site
from fixtures.program import Answer, Folder
from fixtures.real_histories import wagtail_site

from journeys.comparing import asked, row_counts, same_schema, told
from journeys.test_interrupted import KILLED, interrupted
from watari.project.url import DatabaseUrl

SHOP = ["shop.0001_initial", "shop.0002_grade", "shop.0003_customer", "shop.0004_index", "shop.0005_mark"]
CUSTOMERS = (
    "insert into shop_customer (email) select 'c' || n || '@example.com' from generate_series(1, 30000) n; analyze"
)
#: What Django does after its migrations, and what the shop's own leave.
LEFT = (
    "select app, name from django_migrations order by id",
    "select id, app_label, model from django_content_type order by id",
    "select id, codename, content_type_id from auth_permission order by id",
    "select * from shop_grade order by id",
    "select id, name, grade_id, notes from shop_customer where grade_id is not null order by id",
)


def done(answer: Answer) -> Answer:
    assert answer.status == 0, answer.out + answer.err
    return answer


def begin(site: Site, url: DatabaseUrl) -> None:
    """The database as Django leaves it before the shop's second migration, with customers."""
    site.manage(url, "migrate", "auth", "-v0")
    site.manage(url, "migrate", "shop", "0001", "-v0")
    told(url, CUSTOMERS)


def steps_of(folder: Folder, *words: str) -> dict[str | None, list[dict]]:
    """The steps that watari plans, by migration."""
    found: dict[str | None, list[dict]] = {}
    for step in done(folder.watari("plan", "--json", *words)).document["steps"]:
        found.setdefault(step["migration"], []).append(step)
    return found


def test_what_django_would_send_is_planned_in_safe_forms(shop_site: Site, database: DatabaseUrl) -> None:
    begin(shop_site, database)
    folder = shop_site.folder(database)
    (standing,) = folder.watari("status", "--json").document["databases"]
    assert standing["framework"] == "django" and [each["id"] for each in standing["pending"]] == SHOP[1:]
    assert [p["migration"] for p in standing["problems"]] == [SHOP[1], SHOP[4]]
    assert shop_site.pending(database) == SHOP[1:]
    steps = steps_of(folder)
    assert list(steps) == [*SHOP[1:], None]
    recorded = [text for step in steps[SHOP[1]] for text in step["sql"]]
    assert sum("INSERT INTO" in text for text in recorded) == 3 and "it''s second" in recorded[2]
    texts = [text for step in steps[SHOP[2]] for text in step["sql"]]
    assert any("CREATE UNIQUE INDEX CONCURRENTLY" in text for text in texts)
    assert not any("SET CONSTRAINTS" in text for text in texts)
    assert steps[SHOP[3]][0]["kind"] == "concurrent"
    (by_django,) = steps[SHOP[4]]
    assert by_django["kind"] == "command" and "may depend on the answer: SELECT" in by_django["notes"][0]["en"]
    assert [step["kind"] for step in steps[None]] == ["around"]
    assert not any("django_migrations" in text for each in steps.values() for step in each for text in step["sql"])
    hazards = folder.watari("check", "--json").document
    assert {each["file"] for each in hazards["statements"]} == {
        "shop/migrations/0003_customer.py",
        "shop/migrations/0004_index.py",
    }
    lines = {each["line"] for each in hazards["statements"] if each["file"].endswith("0003_customer.py")}
    assert lines == {8, 9, 12}


def test_watari_continues_what_django_began(
    shop_site: Site, database: DatabaseUrl, new_database: Callable[..., DatabaseUrl]
) -> None:
    other = new_database()
    for url in (database, other):
        begin(shop_site, url)
    shop_site.manage(other, "migrate", "-v0")
    folder = shop_site.folder(database)
    done(folder.watari("plan"))
    applied = done(folder.watari("apply", "--yes"))
    assert "was recorded before" in applied.err and "recording migration" not in applied.err
    assert shop_site.pending(database) == []
    shop_site.manage(database, "migrate", "--check")
    assert "No migrations to apply" in shop_site.manage(database, "migrate")
    same_schema(database, other)
    assert row_counts(database) == row_counts(other)
    for query in LEFT:
        assert asked(database, query) == asked(other, query), query
    types = "select attname, atttypid::regtype::text, attidentity::text from pg_attribute where attrelid = 'django_migrations'::regclass and attnum > 0"
    assert asked(database, types) == asked(other, types)
    done(folder.watari("status"))
    done(folder.watari("verify"))
    shop_site.manage(database, "migrate", "shop", "zero", "-v0")
    assert shop_site.pending(database) == SHOP


def test_from_nothing_watari_makes_what_django_makes_and_django_continues_it(
    shop_site: Site, database: DatabaseUrl, new_database: Callable[..., DatabaseUrl]
) -> None:
    other = new_database()
    shop_site.manage(other, "migrate", "shop", "0003", "-v0")
    shop_site.manage(other, "migrate", "-v0")
    folder = shop_site.folder(database)
    done(folder.watari("apply", "--to", SHOP[2], "--yes"))
    assert shop_site.pending(database) == SHOP[3:]
    shop_site.manage(database, "migrate", "-v0")
    done(folder.watari("status"))
    same_schema(database, other)
    assert row_counts(database) == row_counts(other)


def test_the_way_back_goes_by_the_migrations_own_reverse(shop_site: Site, database: DatabaseUrl) -> None:
    begin(shop_site, database)
    folder = shop_site.folder(database)
    done(folder.watari("apply", "--yes"))
    done(folder.watari("rollback", "-n", "2", "--yes"))
    assert shop_site.pending(database) == SHOP[3:]
    done(folder.watari("rollback", "--to", SHOP[0], "--yes"))
    assert shop_site.pending(database) == SHOP[1:]
    assert asked(database, "select to_regclass('shop_grade')") == [(None,)]
    done(folder.watari("apply", "--yes"))
    assert shop_site.pending(database) == []


def test_a_run_that_is_killed_goes_on(shop_site: Site, database: DatabaseUrl) -> None:
    begin(shop_site, database)
    folder = shop_site.folder(database)
    interrupted(folder, database, KILLED, "select count(*) from watari.step where state = 'done'", 2, "apply", "--yes")
    done(folder.watari("apply", "--yes"))
    assert shop_site.pending(database) == []
    assert len(asked(database, LEFT[-1])) == 111


SQUASHED = """
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("shop", "0003_customer"), ("shop", "0004_index")]
    dependencies = [("shop", "0002_grade"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [migrations.AddField("Customer", "notes", models.TextField(default=""))]
"""


def test_squashed_migrations_are_told_from_those_they_replace(shop_site: Site, database: DatabaseUrl) -> None:
    begin(shop_site, database)
    (shop_site.root / "shop/migrations/0003_squashed_0004.py").write_text(SQUASHED)
    folder = shop_site.folder(database)

    def pending() -> list[str]:
        (standing,) = folder.watari("status", "--json").document["databases"]
        return [each["id"] for each in standing["pending"]]

    squashed = "shop.0003_squashed_0004"
    assert pending() == shop_site.pending(database) == [SHOP[1], squashed, SHOP[4]]
    done(folder.watari("apply", "--to", squashed, "--yes"))
    assert shop_site.pending(database) == [SHOP[4]]
    rows = "select name from django_migrations where app = 'shop' order by id"
    assert [name for (name,) in asked(database, rows)][2:] == ["0003_customer", "0004_index", "0003_squashed_0004"]
    told(database, "delete from django_migrations where name in ('0004_index', '0003_squashed_0004')")
    told(database, "alter table shop_customer drop column notes")
    assert pending() == shop_site.pending(database) == SHOP[3:]
    told(database, "alter table shop_customer add name text not null default ''")
    done(folder.watari("apply", "--yes"))
    assert shop_site.pending(database) == []
    assert squashed.partition(".")[2] in {name for (name,) in asked(database, rows)}


def test_rehearsed_it_holds_every_proof(shop_site: Site, database: DatabaseUrl) -> None:
    begin(shop_site, database)
    answer = done(shop_site.folder(database).watari("rehearse", "--json"))
    proofs = {proof["name"]: proof for proof in answer.document["proofs"]}
    assert all(proof["holds"] for proof in proofs.values()), proofs
    assert any("django_content_type" in line for line in proofs["down"]["losses"])


RECEIVERS = """
from django.apps import AppConfig
from django.db.models.signals import pre_migrate


def prepare(using, plan, **words):
    from django.db import connections

    with connections[using].cursor() as cursor:
        cursor.execute("create table prepared as select %s::int as migrations", [len(plan)])


class Shop(AppConfig):
    name = "shop"

    def ready(self):
        pre_migrate.connect(prepare, sender=self)
"""


def test_what_an_app_does_before_all_migrations_comes_first(shop_site: Site, database: DatabaseUrl) -> None:
    begin(shop_site, database)
    (shop_site.root / "shop/apps.py").write_text(RECEIVERS)
    folder = shop_site.folder(database)
    steps = done(folder.watari("plan", "--json", "--to", SHOP[2])).document["steps"]
    assert [step["kind"] for step in (steps[0], steps[-1])] == ["around", "around"]
    done(folder.watari("apply", "--yes", "--to", SHOP[2]))
    assert asked(database, "select migrations from prepared") == [(2,)]


@pytest.mark.full  # two hundred migrations, of which dozens are recorded twice
def test_wagtail_from_nothing_to_its_last_migration(
    tmp_path, database: DatabaseUrl, new_database: Callable[..., DatabaseUrl]
) -> None:
    root, python = wagtail_site(tmp_path / "site")
    site, other = Site(root=root, python=python), new_database()
    site.manage(other, "migrate", "-v0")
    folder = site.folder(database)
    done(folder.watari("apply", "--yes"))
    assert site.pending(database) == []
    site.manage(database, "migrate", "--check")
    same_schema(database, other)
    assert row_counts(database) == row_counts(other)
    history = "select app, name from django_migrations order by 1, 2"  # rows of squashed ones Django itself writes last
    assert asked(database, history) == asked(other, history)
