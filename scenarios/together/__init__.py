"""Writing one scenario together: co-writers, suggestions, merges, credit, and readers who sense-check it."""
