ALTER TABLE payments RENAME TO receipts;
