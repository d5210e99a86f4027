ALTER TABLE shelf ALTER COLUMN feeling TYPE text;
DROP TYPE mood;
