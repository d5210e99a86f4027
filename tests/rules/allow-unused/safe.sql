-- watari: allow destroy-table because the table was copied
DROP TABLE payments;
