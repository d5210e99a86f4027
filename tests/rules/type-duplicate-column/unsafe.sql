CREATE TABLE twins (id int, name text, name text);
