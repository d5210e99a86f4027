-- Was another tool's command ever run behind the door here?
select to_regclass('watari.guarded') is not null;
