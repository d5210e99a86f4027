def test_the_embedded_server_answers(connection):
    assert connection.execute("select 1").fetchone() == (1,)
