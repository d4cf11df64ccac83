"""The instructor's side: exercises with their answers, the build of the lessons, grading."""
