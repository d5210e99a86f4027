CREATE INDEX CONCURRENTLY idx_portfolio_entry_purchase_date ON "PortfolioEntry"(purchase_date);
