ALTER TABLE small ADD COLUMN later text;
