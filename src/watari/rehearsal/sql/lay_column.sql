-- Tells the planner what it is to know of one column: what ANALYZE would have written. (Before 18 no function does.)
insert into pg_catalog.pg_statistic (
       starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
       stakind1, staop1, stacoll1, stanumbers1, stavalues1,
       stakind2, staop2, stacoll2, stanumbers2, stavalues2,
       stakind3, staop3, stacoll3, stanumbers3, stavalues3,
       stakind4, staop4, stacoll4, stanumbers4, stavalues4,
       stakind5, staop5, stacoll5, stanumbers5, stavalues5)
values (%s, %s, %s, %s, %s, %s,
        %s, %s, %s, %s::real[], pg_catalog.array_in(pg_catalog.textout(%s::text), %s::oid, -1),
        %s, %s, %s, %s::real[], pg_catalog.array_in(pg_catalog.textout(%s::text), %s::oid, -1),
        %s, %s, %s, %s::real[], pg_catalog.array_in(pg_catalog.textout(%s::text), %s::oid, -1),
        %s, %s, %s, %s::real[], pg_catalog.array_in(pg_catalog.textout(%s::text), %s::oid, -1),
        %s, %s, %s, %s::real[], pg_catalog.array_in(pg_catalog.textout(%s::text), %s::oid, -1))
