ALTER TABLE orders DROP CONSTRAINT orders_number_filled, ADD CONSTRAINT orders_number_filled CHECK (number <> '' AND number <> '-') NOT VALID;
