DO $$ BEGIN ALTER TABLE small ADD COLUMN x int; END $$;
SELECT now();
