ALTER TABLE orders ADD COLUMN rating int;
ALTER TABLE orders ADD CONSTRAINT orders_rating CHECK (rating > 0) NOT VALID;
COMMIT;
ALTER TABLE orders VALIDATE CONSTRAINT orders_rating;
