BEGIN;
ALTER TABLE orders ADD COLUMN flag text;
UPDATE orders SET flag = 'x';
COMMIT;
