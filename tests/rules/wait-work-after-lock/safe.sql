BEGIN;
UPDATE orders SET memo = 'x' WHERE id = 1;
COMMIT;
ALTER TABLE small ADD COLUMN later text;
