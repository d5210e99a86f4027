DROP VIEW order_list;
ALTER TABLE orders ALTER COLUMN memo TYPE varchar;
CREATE VIEW order_list AS SELECT id, memo FROM orders;
