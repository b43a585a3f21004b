"""The usual ways of doing the same, and what the machine gives at most: measured beside ours in every run."""
