-- Writes down how an intended step ended.
update watari.step
set state = {state}, ended_at = clock_timestamp(), waited_seconds = {waited}, effects = {effects}, error = {error},
    in_the_way = {in_the_way}
where run = {run} and id = {id} and attempt = {attempt};
