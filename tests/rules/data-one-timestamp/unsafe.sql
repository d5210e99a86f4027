ALTER TABLE orders ADD COLUMN changed timestamptz DEFAULT now();
