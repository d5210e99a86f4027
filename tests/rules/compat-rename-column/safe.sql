CREATE TABLE fresh (id int);
ALTER TABLE fresh RENAME COLUMN id TO number;
