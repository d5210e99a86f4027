ALTER TABLE payments ADD CONSTRAINT payments_customer FOREIGN KEY (id) REFERENCES customers NOT VALID;
