ALTER TABLE orders ALTER COLUMN memo TYPE varchar(50);
