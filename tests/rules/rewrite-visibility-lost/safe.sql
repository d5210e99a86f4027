ALTER TABLE visits ADD COLUMN later text;
