-- Is there a journal in this database?
select to_regclass('watari.journal') is not null and to_regclass('watari.step') is not null;
