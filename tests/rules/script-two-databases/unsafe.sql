BEGIN;
ALTER TABLE apidb.profiles ADD COLUMN birth_date date;
UPDATE admindb.system_settings SET value = '{}';
COMMIT;
