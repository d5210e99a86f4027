-- Puts every rising sequence far ahead, each by another distance: a number taken from one differs from that on another clone.
select setval(
    format('%I.%I', schemaname, sequencename)::regclass,
    least(
        max_value - 1,
        coalesce(last_value, start_value) + 100003 + 7 * row_number() over (order by schemaname, sequencename)
    )
)
from pg_sequences
where increment_by > 0 and max_value > 1
