-- Which of these extensions are there only as a stand-in?
select name from pg_available_extensions where name = any (%s) and comment like 'stands in for %%'
