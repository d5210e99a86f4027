ALTER TABLE public.small ADD COLUMN birth_date date;
CREATE SCHEMA apidb;
CREATE TABLE apidb.profiles (id int);
ALTER TABLE apidb.profiles ADD COLUMN birth_date date;
