-- Writes down how far a backfill is, in the batch's own transaction.
update watari.step set checkpoint = {checkpoint} where run = {run} and id = {id} and attempt = {attempt};
