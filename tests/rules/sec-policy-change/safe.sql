CREATE POLICY everybody ON orders USING (true);
