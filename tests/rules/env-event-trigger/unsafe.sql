CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION watch_ddl();
ALTER TABLE small ADD COLUMN later text;
