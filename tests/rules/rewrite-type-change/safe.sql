ALTER TABLE customers ALTER COLUMN email TYPE varchar(200);
ALTER TABLE customers ALTER COLUMN note TYPE varchar;
