-- Plans for any value of the parameters, as a prepared statement that is used again and again has.
set local plan_cache_mode = force_generic_plan
