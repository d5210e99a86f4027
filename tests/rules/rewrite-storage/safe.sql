ALTER TABLE payments SET LOGGED;
ALTER TABLE payments SET (fillfactor = 90);
