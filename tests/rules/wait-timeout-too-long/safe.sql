SET lock_timeout = '200ms';
ALTER TABLE small ADD COLUMN later text;
