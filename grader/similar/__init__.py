"""Answers that are alike in a way that few others of the class are, for a person to look at."""
