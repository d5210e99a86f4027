INSERT INTO small VALUES (11, 'n');
