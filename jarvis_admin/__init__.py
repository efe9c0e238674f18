"""Jarvis Admin: the control plane of My Jarvis, and the console in front of it."""
