CREATE VIEW secret_words AS SELECT id, memo FROM orders;
