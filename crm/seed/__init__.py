"""A team as large as one gets, made in the database by a few statements: what is measured stands on it."""
