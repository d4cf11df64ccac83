"""This package holds all of `check`: it observes an answer, judges it, and shows a card."""
