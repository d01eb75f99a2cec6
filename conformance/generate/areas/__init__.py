"""The areas of cases, in the order of their files."""
