"""After the play: proposals, the four public questions, amendments, promises, leaving well."""
