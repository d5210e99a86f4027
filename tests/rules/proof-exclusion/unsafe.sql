ALTER TABLE orders ADD CONSTRAINT orders_span EXCLUDE USING gist (span WITH &&);
