"""The application's statements sent to a clone at their rates, with values from its own rows, while the plan runs there."""
