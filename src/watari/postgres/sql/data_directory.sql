-- Where are the server's files, is it on the asking machine, and on which port does it listen?
-- (the setting is empty to those who may not read it)
select (select setting from pg_catalog.pg_settings where name = 'data_directory'),
       coalesce(pg_catalog.inet_server_addr() = pg_catalog.inet_client_addr(), true),
       pg_catalog.current_setting('port')::int
