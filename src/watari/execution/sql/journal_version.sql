-- Which version do the journal's tables have?
select version from watari.journal;
