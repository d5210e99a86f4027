"""What watari asks of Django, from inside the team's interpreter: the graph of migrations, their SQL, or to run one of them.

`python -m watari_django MODE REQUEST`, started by `watari.frameworks.django`; the request is JSON. Needs nothing but the
standard library and Django (Python 3.9, Django 4.2 and later).
"""
