CREATE INDEX CONCURRENTLY orders_count ON orders (count);
CREATE INDEX small_name ON small (name);
CREATE TABLE fresh (id int);
CREATE INDEX ON fresh (id);
