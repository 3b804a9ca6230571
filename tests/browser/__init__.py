"""The product in a browser; a package, so that its fixtures end before other tests begin."""
