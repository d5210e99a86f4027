ALTER TABLE orders_created RENAME TO orders_made;
