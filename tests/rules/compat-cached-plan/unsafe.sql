PREPARE p AS SELECT email FROM customers WHERE id = $1;
ALTER TABLE customers ALTER COLUMN email TYPE varchar(200);
