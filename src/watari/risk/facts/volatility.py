"""Which functions give another value for every row.

Source: `pg_proc.provolatile` of PostgreSQL 18 for its own, the control files and scripts of the extensions for theirs.
"""

from __future__ import annotations

__all__ = ["KNOWN_EXTENSIONS", "NOT_VOLATILE", "VOLATILE"]

#: Extensions whose volatile functions are all listed below. A function of another one may be anything.
KNOWN_EXTENSIONS = frozenset(
    """
    plpgsql citext btree_gist btree_gin pg_trgm hstore unaccent pgcrypto uuid-ossp pg_uuidv7 vector ltree intarray
    pg_stat_statements fuzzystrmatch tablefunc cube earthdistance isn seg bloom pg_prewarm pgstattuple amcheck
    pg_buffercache pg_freespacemap pg_visibility dict_int dict_xsyn postgres_fdw file_fdw
    """.split()  # noqa: SIM905  # a list of words is read more easily as words
)

#: Volatile functions of PostgreSQL that can stand in a default, and those of widely used extensions.
VOLATILE = frozenset(
    """
    array_sample array_shuffle clock_timestamp currval gen_random_uuid lastval lo_creat lo_create lo_from_bytea lo_import
    nextval pg_advisory_unlock pg_current_wal_insert_lsn pg_current_wal_lsn pg_database_size pg_relation_size
    pg_sequence_last_value pg_sleep pg_table_size pg_total_relation_size pg_try_advisory_lock query_to_xml random
    random_normal set_config setval timeofday txid_status uuidv4 uuidv7
    gen_random_bytes gen_salt
    uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuid_generate_v7
    """.split()  # noqa: SIM905  # a list of words is read more easily as words
)

#: What is known not to be volatile where there is no catalog to ask: what people write in defaults.
NOT_VOLATILE = frozenset(
    """
    abs array_append array_cat array_fill array_length array_to_json array_to_string ascii bit_length btrim ceil ceiling
    char_length chr coalesce concat concat_ws current_database current_schema current_setting current_user date
    date_bin date_part date_trunc decode degrees encode exp extract floor format inet_client_addr initcap
    int4range int8range json_array json_build_array json_build_object json_object jsonb_array jsonb_build_array
    jsonb_build_object jsonb_object jsonb_set justify_days left length ln log lower lpad ltrim make_date make_interval
    make_time make_timestamp make_timestamptz md5 mod now numrange overlay pi position power quote_ident quote_literal
    repeat replace reverse right round row_to_json rpad rtrim sha224 sha256 sha384 sha512 sign split_part sqrt
    statement_timestamp strpos substr substring timezone to_char to_date to_json to_jsonb to_number to_timestamp
    to_tsvector transaction_timestamp translate trim trunc tsrange tstzrange daterange txid_current upper uuid_nil
    uuid_ns_dns uuid_ns_url version pg_current_xact_id to_hex to_tsquery setweight array_remove array_replace cardinality
    """.split()  # noqa: SIM905
)
