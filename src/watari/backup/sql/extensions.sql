-- Which extensions does the database use, in which version?
select extname, extversion
from pg_catalog.pg_extension
where extname <> 'plpgsql'
order by 1
