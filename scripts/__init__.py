"""Setting up, running and testing on one machine. Standard library only."""
