ALTER TABLE customers ALTER COLUMN parent_id TYPE int;
