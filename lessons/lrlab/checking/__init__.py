"""All of `check`: an answer is observed, judged, and shown as a card."""
