"""Fixtures come from one plugin per concern under `fixtures/`."""

pytest_plugins = [
    "fixtures.server",
    "fixtures.odd_servers",
    "fixtures.docker",
    "fixtures.program",
    "fixtures.runs",
    "fixtures.real_histories",
    "fixtures.projects",
    "fixtures.crates",
    "fixtures.django_sites",
    "fixtures.knex_projects",
    "fixtures.crossing_report",
    "fixtures.findings",
]
