-- Identifiers of the right form and version; time, machine and SHA-1 are not what uuid-ossp would take.
create function uuid_nil() returns uuid language sql immutable strict parallel safe
    as $$ select '00000000-0000-0000-0000-000000000000'::uuid $$;
create function uuid_ns_dns() returns uuid language sql immutable strict parallel safe
    as $$ select '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid $$;
create function uuid_ns_url() returns uuid language sql immutable strict parallel safe
    as $$ select '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid $$;
create function uuid_ns_oid() returns uuid language sql immutable strict parallel safe
    as $$ select '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid $$;
create function uuid_ns_x500() returns uuid language sql immutable strict parallel safe
    as $$ select '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid $$;
create function uuid_generate_v4() returns uuid language sql volatile strict parallel safe
    as $$ select pg_catalog.gen_random_uuid() $$;
create function uuid_generate_v1() returns uuid language sql volatile strict parallel safe
    as $$ select pg_catalog.overlay(pg_catalog.gen_random_uuid()::text, '1', 15, 1)::uuid $$;
create function uuid_generate_v1mc() returns uuid language sql volatile strict parallel safe
    as $$ select pg_catalog.overlay(pg_catalog.gen_random_uuid()::text, '1', 15, 1)::uuid $$;
create function uuid_generate_v3(namespace uuid, name text) returns uuid language sql immutable strict parallel safe
    as $$ select pg_catalog.encode(pg_catalog.set_byte(pg_catalog.set_byte(digest.d,
              6, (pg_catalog.get_byte(digest.d, 6) & 15) | 48), 8, (pg_catalog.get_byte(digest.d, 8) & 63) | 128), 'hex')::uuid
            from (select pg_catalog.decode(pg_catalog.md5(
                      pg_catalog.uuid_send(namespace) || pg_catalog.convert_to(name, 'UTF8')), 'hex') as d) as digest $$;
create function uuid_generate_v5(namespace uuid, name text) returns uuid language sql immutable strict parallel safe
    as $$ select pg_catalog.encode(pg_catalog.set_byte(pg_catalog.set_byte(digest.d,
              6, (pg_catalog.get_byte(digest.d, 6) & 15) | 80), 8, (pg_catalog.get_byte(digest.d, 8) & 63) | 128), 'hex')::uuid
            from (select pg_catalog.substr(pg_catalog.sha256(
                      pg_catalog.uuid_send(namespace) || pg_catalog.convert_to(name, 'UTF8')), 1, 16) as d) as digest $$;
