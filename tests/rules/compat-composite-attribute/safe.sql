CREATE TYPE place_2 AS (street text);
