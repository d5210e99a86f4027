-- Which of these extensions can this server not install?
select wanted from unnest(%s::text[]) as wanted
where wanted not in (select name from pg_available_extensions);
