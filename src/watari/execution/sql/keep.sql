-- Writes down that something is kept, and where it is now.
insert into watari.kept (run, step, migration, kind, object, relation, place, parts)
values ({run}, {step}, {migration}, {kind}, {object}, {relation}::regclass, {place}, {parts}::jsonb);
