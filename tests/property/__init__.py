"""Properties that hold for every data set, with data sets drawn at random."""
