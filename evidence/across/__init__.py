"""Published packs read side by side: where a pathway holds, where it breaks; one scenario in several places."""
