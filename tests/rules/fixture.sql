-- What every unsafe.sql and safe.sql starts from: a shop with tables large enough to matter and one that is not.
CREATE EXTENSION btree_gist;
CREATE DOMAIN amount AS numeric(12, 2) CHECK (VALUE >= 0);
CREATE DOMAIN code AS text;
CREATE TABLE customers (id bigint PRIMARY KEY, email varchar(100), name text NOT NULL, parent_id bigint, note text);
CREATE TABLE orders (
  id bigint PRIMARY KEY, customer_id bigint, number varchar(20), status varchar(20) DEFAULT 'new', total numeric(10, 2),
  count int, created timestamp DEFAULT now(), span int4range, memo text, sku code, doubled int GENERATED ALWAYS AS (count * 2) STORED);
CREATE TABLE payments (id bigint NOT NULL, order_id bigint NOT NULL REFERENCES orders (id), paid numeric(10, 2), method text);
CREATE TABLE small (id int PRIMARY KEY, name text);
CREATE TABLE events (id bigint NOT NULL, kind text NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (20000);
CREATE TABLE events_next (id bigint NOT NULL, kind text NOT NULL);
INSERT INTO customers SELECT g, 'c' || g || '@example.com', 'name ' || g, 1 + g % 100, 'n' FROM generate_series(1, 20000) g;
INSERT INTO orders (id, customer_id, number, status, total, count, created, span, memo, sku)
  SELECT g, 1 + g % 20000, 'N' || g, 'new', g, g, '2026-01-01'::timestamp + g * interval '1 min', int4range(g, g + 1), 'memo', 's' || g
  FROM generate_series(1, 20000) g;
INSERT INTO payments SELECT g, g, g, 'card' FROM generate_series(1, 20000) g;
INSERT INTO small SELECT g, 'n' || g FROM generate_series(1, 10) g;
INSERT INTO events SELECT g, 'click' FROM generate_series(0, 19999) g;
INSERT INTO events_next SELECT g, 'click' FROM generate_series(20000, 39999) g;
CREATE INDEX orders_created ON orders (created);
CREATE INDEX orders_number_status ON orders (number, status);
CREATE INDEX payments_order_id ON payments (order_id);
ALTER TABLE orders ADD CONSTRAINT orders_number_filled CHECK (number <> '');
CREATE MATERIALIZED VIEW sales AS SELECT customer_id AS id, sum(total) AS total FROM orders GROUP BY 1;
CREATE UNIQUE INDEX sales_id ON sales (id);
CREATE VIEW order_list AS SELECT id, memo FROM orders;
CREATE FUNCTION touch() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
VACUUM ANALYZE;
