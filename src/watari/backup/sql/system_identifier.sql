-- Which server is this? The identifier that initdb gave it, null where the role may not ask.
select case when pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute')
            then (select system_identifier::text from pg_catalog.pg_control_system()) end
