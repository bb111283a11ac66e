"""The door for the newsroom's signals: rows are written here, workers rung on commit."""
