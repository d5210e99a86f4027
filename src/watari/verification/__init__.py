"""Expected against actual: an expectation and an observation in, verdicts out; pure."""
