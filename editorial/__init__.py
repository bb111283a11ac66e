"""The newsroom: everything before publication."""
