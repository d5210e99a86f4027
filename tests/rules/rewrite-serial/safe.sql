CREATE SEQUENCE payments_position_seq AS bigint;
ALTER TABLE payments ADD COLUMN position bigint, ALTER COLUMN position SET DEFAULT nextval('payments_position_seq');
