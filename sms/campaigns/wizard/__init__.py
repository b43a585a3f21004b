"""The wizard that composes a campaign: audience, message, when, review. A draft is saved at every step."""
