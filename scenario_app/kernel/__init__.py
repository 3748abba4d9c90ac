"""The floor: what two features or more stand on. It knows none of them."""
