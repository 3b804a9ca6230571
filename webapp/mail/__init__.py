"""What we write: the kinds of letters, their messages, the outbox they wait in, the wire."""
