CREATE PUBLICATION everything FOR ALL TABLES;
CREATE TABLE keyless (id int, note text);
