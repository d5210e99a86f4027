ALTER TABLE events ADD COLUMN later text;
