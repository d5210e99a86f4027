-- Makes the part of watari's memory in the target that holds other tools' commands.
create schema if not exists watari;
create table if not exists watari.guarded (
    id text primary key,
    command text[] not null,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    started_by text not null default '',
    host text not null default '',
    version text not null default '',
    git_commit text,
    log_file text,
    attempts integer,
    exit_status integer,
    blockers text[],
    statements jsonb,
    error text
);
