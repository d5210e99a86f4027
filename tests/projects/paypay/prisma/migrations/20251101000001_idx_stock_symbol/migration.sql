CREATE INDEX CONCURRENTLY idx_stock_symbol ON "Stock"(symbol);
