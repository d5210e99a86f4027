ALTER TABLE visits ADD COLUMN key uuid;
ALTER TABLE visits ADD COLUMN later text;
