"""Django's migrate."""

from __future__ import annotations

from pathlib import Path

from bench.peers import Peer, python_environment

SETTINGS = """
import os
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": "{database}", "HOST": "{host}", "PORT": {port}, "USER": "{user}"}}}}
INSTALLED_APPS = ["shop"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "x"
USE_TZ = True
"""
MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = {dependencies}
    operations = [migrations.RunSQL("CREATE TABLE t{n:04} (id int)", "DROP TABLE t{n:04}")]
"""


class Django(Peer):
    name = "django"

    def install(self):
        self.bin = python_environment("django", "django<6", "psycopg[binary]")

    def prepare(self, folder: Path, count: int):
        migrations = folder / "shop/migrations"
        migrations.mkdir(parents=True)
        (folder / "shop/__init__.py").write_text("")
        (migrations / "__init__.py").write_text("")
        for n in range(count):
            dependencies = f'[("shop", "m{n - 1:04}")]' if n else "[]"
            (migrations / f"m{n:04}.py").write_text(MIGRATION.format(n=n, dependencies=dependencies))

    def command(self, folder, url):
        words = {"database": url.database, "host": url.host, "port": url.port, "user": url.user}
        (folder / "settings.py").write_text(SETTINGS.format(**words))
        environ = {**url.child_environment(), "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(folder)}
        return [str(self.bin / "python"), "-m", "django", "migrate", "-v", "0"], environ


PEER = Django()
