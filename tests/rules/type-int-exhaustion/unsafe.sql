ALTER TABLE tickets ADD COLUMN remark text;
