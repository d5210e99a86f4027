ALTER TABLE shelf RENAME TO shelf_old;
