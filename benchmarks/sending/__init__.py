"""What the engine sends in a second, and what it keeps of its promises meanwhile."""
