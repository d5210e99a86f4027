"""Flyway 11.14.1 on JDBC, fetched with Maven (Apache-2.0; with its reports module a failure ends with 1)."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.peers import CACHE
from recorder.tools import Tool
from watari.project.url import DatabaseUrl

VERSION = "11.14.1"
FOLDER = CACHE / f"flyway-{VERSION}"


def _dependency(group: str, artifact: str, version: str, *, alone: bool = False) -> str:
    without = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
    return (
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
        f"{without if alone else ''}</dependency>"
    )


POM = f"""<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies>
{_dependency("org.flywaydb", "flyway-commandline", VERSION, alone=True)}
{_dependency("org.flywaydb", "flyway-core", VERSION)}
{_dependency("org.flywaydb", "flyway-database-postgresql", VERSION)}
{_dependency("org.flywaydb", "flyway-reports", VERSION, alone=True)}
{_dependency("org.postgresql", "postgresql", "42.7.8")}
{_dependency("org.apache.commons", "commons-text", "1.13.1")}
{_dependency("org.fusesource.jansi", "jansi", "2.4.2")}
{_dependency("com.fasterxml.jackson.dataformat", "jackson-dataformat-toml", "2.19.1")}
{_dependency("com.fasterxml.jackson.dataformat", "jackson-dataformat-xml", "2.19.1")}
{_dependency("com.fasterxml.jackson.datatype", "jackson-datatype-jsr310", "2.19.1")}
</dependencies></project>"""


class Flyway(Tool):
    name = "Flyway"
    needs = "mvn"

    def install(self) -> None:
        if (FOLDER / "ok").exists():
            return
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "pom.xml").write_text(POM)
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"]
        subprocess.run(command, cwd=FOLDER, check=True, capture_output=True)
        (FOLDER / "ok").touch()

    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        (folder / "sql").mkdir()
        for n, statements in enumerate(migrations):
            (folder / f"sql/V{n + 1}__m.sql").write_text("".join(f"{statement};\n" for statement in statements))

    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        place = f"jdbc:postgresql://{url.host}:{url.port}/{url.database}"
        environ = {
            "FLYWAY_URL": place,
            "FLYWAY_USER": url.user or "",
            "FLYWAY_PASSWORD": url.password.reveal() if url.password else "x",
        }
        java = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{FOLDER}/lib/*", "org.flywaydb.commandline.Main"]
        return [*java, "-locations=filesystem:sql", "-skipCheckForUpdate", "-color=never", "migrate"], environ


TOOL = Flyway()
