"""Find published packs: by pathway, stage, date, place and words."""
