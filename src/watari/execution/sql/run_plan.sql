-- Which plan does a run follow?
select plan from watari.run where id = %(id)s;
