"""An invented sales team for a first look: who they are, whom they know, what happened lately."""
