"""Turn stories into something performable."""
