ALTER TABLE apidb.profiles ADD COLUMN birth_date date;
