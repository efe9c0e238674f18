"""Quotas: what a user may use, how the brakes take hold, what the user is told. Pure."""
