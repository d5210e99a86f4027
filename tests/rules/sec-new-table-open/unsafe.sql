CREATE TABLE side.words (id int PRIMARY KEY);
