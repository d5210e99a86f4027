ALTER TABLE visits ALTER COLUMN id TYPE numeric;
ALTER TABLE visits ADD COLUMN key uuid DEFAULT gen_random_uuid();
