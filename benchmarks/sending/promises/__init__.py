"""The promises about sending a digest, each a command that ends in a verdict."""
