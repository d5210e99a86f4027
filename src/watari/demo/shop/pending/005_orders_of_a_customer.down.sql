ALTER TABLE orders ALTER COLUMN total_yen TYPE integer;
ALTER TABLE orders ALTER COLUMN status DROP NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;
DROP INDEX orders_customer_id_idx;
