ALTER TABLE payments RENAME COLUMN method TO way;
