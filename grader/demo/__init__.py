"""The example class of `grader demo`: who handed in what, and the files of it."""
