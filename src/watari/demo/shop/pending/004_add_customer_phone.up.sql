ALTER TABLE customers ADD COLUMN phone text;
COMMENT ON COLUMN customers.phone IS 'as the customer wrote it';
