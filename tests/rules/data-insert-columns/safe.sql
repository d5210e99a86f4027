INSERT INTO small (id, name) VALUES (11, 'n');
