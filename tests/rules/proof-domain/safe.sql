ALTER TABLE orders ADD CONSTRAINT orders_sku_filled CHECK (sku <> '') NOT VALID;
COMMIT;
ALTER TABLE orders VALIDATE CONSTRAINT orders_sku_filled;
