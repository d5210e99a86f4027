CREATE VIEW secret_words AS SELECT id, words FROM secrets;
