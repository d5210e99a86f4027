ALTER TABLE orders ADD COLUMN rating int CHECK (rating > 0);
