CREATE TABLE shelf_new (LIKE shelf INCLUDING ALL);
ALTER TABLE shelf RENAME TO shelf_old;
ALTER TABLE shelf_new RENAME TO shelf;
