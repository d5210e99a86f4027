-- Writes down that something is kept no longer: by its number where it is known, else by what it is.
delete from watari.kept
 where case when {number}::bigint is null
            then migration = {migration} and kind = {kind} and object = {object} and place is not distinct from {place}
                 and (kind not in ('rows', 'values') or parts = {parts}::jsonb)
            else number = {number} end;
