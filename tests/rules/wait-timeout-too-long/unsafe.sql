SET lock_timeout = '1min';
ALTER TABLE small ADD COLUMN later text;
