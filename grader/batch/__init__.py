"""A whole class: found, sent to workers, and written as results come back."""
