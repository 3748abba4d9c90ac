"""Freeze what was counted and follow what came of it."""
