-- Is there a tablespace, subscription or database of this name?
select case %(kind)s
    when 'tablespace' then exists (select from pg_tablespace where spcname = %(name)s)
    when 'subscription' then exists (
        select from pg_subscription
        where subname = %(name)s and subdbid = (select oid from pg_database where datname = current_database()))
    else exists (select from pg_database where datname = %(name)s)
end;
