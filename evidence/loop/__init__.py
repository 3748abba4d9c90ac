"""What came of it: official answers, updates of promises, the chain from story to change, letters to tellers."""
