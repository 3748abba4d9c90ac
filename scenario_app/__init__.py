"""Scenario App: the floor (`kernel`, `accounts`) and the roof (`factory`, `cli`) of the house."""

__version__ = "0.1.0"
