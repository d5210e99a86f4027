UPDATE customers SET note = 'm';
ALTER TABLE customers ADD CONSTRAINT noted CHECK (note <> '') NOT VALID;
ALTER TABLE customers VALIDATE CONSTRAINT noted;
