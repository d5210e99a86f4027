"""What is known of PostgreSQL itself, as data: locks of subcommands and options, types, volatility, rates of work."""
