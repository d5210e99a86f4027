ALTER TABLE shelf RENAME COLUMN filled TO amount;
