ALTER TABLE payments ADD COLUMN position bigserial;
