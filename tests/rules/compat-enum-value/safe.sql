ALTER TABLE shelf ADD COLUMN again mood;
