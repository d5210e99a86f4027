ALTER TABLE customers ADD COLUMN remark text;
ALTER TABLE customers DROP COLUMN note;
