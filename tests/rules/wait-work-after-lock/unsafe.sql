BEGIN;
ALTER TABLE small ADD COLUMN later text;
UPDATE visits SET note = 'x';
COMMIT;
