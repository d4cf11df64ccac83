"""What goes back to an LMS: final scores in its own file, feedback pages under its own names."""
