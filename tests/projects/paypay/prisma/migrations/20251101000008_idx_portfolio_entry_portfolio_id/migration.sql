CREATE INDEX CONCURRENTLY idx_portfolio_entry_portfolio_id ON "PortfolioEntry"(portfolio_id);
