ALTER TABLE orders DROP CONSTRAINT orders_number_filled, ALTER COLUMN number TYPE varchar(40), ADD CONSTRAINT orders_number_filled CHECK (number <> '') NOT VALID;
COMMIT;
ALTER TABLE orders VALIDATE CONSTRAINT orders_number_filled;
