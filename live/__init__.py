"""Perform a scenario and count."""
