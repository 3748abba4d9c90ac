"""Stories: what community members send in, private until reviewed. Telling, making safe, consent."""
