ALTER TABLE shelf ADD COLUMN remark text;
