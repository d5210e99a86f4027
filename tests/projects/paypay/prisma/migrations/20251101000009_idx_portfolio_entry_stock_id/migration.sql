CREATE INDEX CONCURRENTLY idx_portfolio_entry_stock_id ON "PortfolioEntry"(stock_id);
