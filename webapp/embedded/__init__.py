"""What `./escale run` and the tests start when no outside service is named."""
