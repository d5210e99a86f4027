-- Makes watari's own memory in the target: its runs, every start of them and every try of their steps, and the version of these tables.
create schema if not exists watari;
create table if not exists watari.journal (
    version integer not null,
    single boolean primary key default true check (single)
);
create table if not exists watari.run (
    id text primary key,
    plan_sha256 text not null,
    plan bytea not null,
    database text not null,
    environment text not null,
    framework text not null,
    direction text not null,
    of_run text,
    migrations text[] not null,
    state text not null,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    started_by text not null default '',
    host text not null default '',
    version text not null default '',
    git_commit text,
    backup text,
    log_file text,
    error text
);
create table if not exists watari.step (
    run text not null,
    id text not null,
    attempt integer not null,
    kind text not null,
    migration text,
    state text not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    locked_seconds double precision,
    waited_seconds double precision,
    checkpoint jsonb,
    effects jsonb,
    error text,
    blockers text[],
    primary key (run, id, attempt)
);
alter table watari.step add column if not exists in_the_way jsonb;
create table if not exists watari.start (
    run text not null,
    number integer not null,
    state text not null,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    started_by text not null default '',
    host text not null default '',
    version text not null default '',
    git_commit text,
    log_file text,
    error text,
    primary key (run, number)
);
create table if not exists watari.kept (
    number bigint generated always as identity primary key,
    run text not null,
    step text not null,
    migration text not null,
    kind text not null,
    object text not null,
    relation regclass not null,
    place text,
    parts jsonb not null,
    kept_at timestamptz not null default clock_timestamp()
);
create table if not exists watari.pace (
    run text primary key,
    paused boolean not null,
    speed double precision not null,
    changed_at timestamptz not null default clock_timestamp(),
    changed_by text not null
);
insert into watari.journal (version) values (4) on conflict (single) do update set version = excluded.version;
