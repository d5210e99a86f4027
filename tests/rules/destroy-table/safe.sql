CREATE TABLE fresh (id int);
DROP TABLE fresh;
DROP TABLE IF EXISTS nothing_of_that_name;
