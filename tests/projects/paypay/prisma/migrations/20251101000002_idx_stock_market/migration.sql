CREATE INDEX CONCURRENTLY idx_stock_market ON "Stock"(market);
