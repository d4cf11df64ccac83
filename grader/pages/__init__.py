"""What people read of a graded class: feedback, the report, the graded notebook."""
