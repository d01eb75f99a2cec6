"""What type checkers make of the attributes of data sets."""
