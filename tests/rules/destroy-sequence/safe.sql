SELECT setval('tickets_id_seq', (SELECT max(id) FROM tickets));
