"""What a team fixes for all of its campaigns: who they are from, how to stop, their hours, when they pause."""
