"""Who signs in, and why audiences do not."""
