"""The day before: a programme to hand out, paper, tickets, a rehearsal, and whether all is ready."""
