DROP INDEX feed_key;
