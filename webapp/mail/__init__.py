"""What we write: letters (one function a letter), the outbox they wait in, the wire."""
