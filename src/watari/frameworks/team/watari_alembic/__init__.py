"""What watari asks of Alembic, from inside the team's interpreter: the graph of revisions, their SQL, or to run one of them.

`python -m watari_alembic MODE REQUEST`, started by `watari.frameworks.alembic`; the request is JSON. Needs nothing but the
standard library, Alembic and SQLAlchemy (Python 3.9, Alembic 1.4 and later).
"""
