BEGIN;
ALTER TABLE small ADD COLUMN birth_date date;
UPDATE public.small SET name = 'x';
COMMIT;
