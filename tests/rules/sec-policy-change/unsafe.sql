CREATE POLICY everybody ON secrets USING (true);
