ALTER TABLE payments ALTER COLUMN method TYPE varchar(30);
