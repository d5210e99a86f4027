-- How long does this server take for a fixed piece of work? (Two tenths of a second of one processor.)
select count(*) from pg_catalog.generate_series(1, 300000) g where pg_catalog.hashint8(g) > 0
