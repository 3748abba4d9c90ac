"""Who was in the room, as the law asks public bodies to know: a form apart, tied to nobody."""
