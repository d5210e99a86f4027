CREATE INDEX events_kind ON ONLY events (kind);
CREATE INDEX CONCURRENTLY events_1_kind ON events_1 (kind);
ALTER INDEX events_kind ATTACH PARTITION events_1_kind;
