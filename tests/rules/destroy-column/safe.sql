ALTER TABLE orders ADD COLUMN trial int;
CREATE TABLE fresh (id int, x int);
ALTER TABLE fresh DROP COLUMN x;
