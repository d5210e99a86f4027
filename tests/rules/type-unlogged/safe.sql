CREATE TABLE scratch (id int PRIMARY KEY);
