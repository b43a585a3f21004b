"""Files of people: asked for by somebody, made in the background, kept for a few days."""
