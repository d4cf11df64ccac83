"""nbgrader reads its settings from here (the working directory, or CourseDirectory.root)."""

from pathlib import Path

from grader.paths import COURSE_ID

c = get_config()  # noqa: F821 (nbgrader provides it)
root = Path(__file__).resolve().parent
(root / "class").mkdir(mode=0o700, exist_ok=True)  # the gradebook's folder must exist

c.CourseDirectory.root = str(root)
c.CourseDirectory.course_id = COURSE_ID
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "lessons"
c.CourseDirectory.submitted_directory = "class/submitted"
c.CourseDirectory.autograded_directory = "class/autograded"
c.CourseDirectory.feedback_directory = "class/feedback"
c.CourseDirectory.solution_directory = "class/solution"
c.CourseDirectory.source_with_tests_directory = "class/source_with_tests"
c.CourseDirectory.db_url = f"sqlite:///{root / 'class' / 'gradebook.db'}"

c.ClearSolutions.code_stub = {"python": "raise NotImplementedError  # replace this line"}
c.ClearSolutions.text_stub = "*Double-click here, and write your answer in place of this line.*"

# Generate leaves what lies beside a lesson where it is; the pages that learners get are ours.
c.GenerateAssignment.exporter_class = "grader.formgrader.ReleasingExporter"
c.GenerateFeedback.exporter_class = "grader.formgrader.FeedbackExporter"

# Learners' code never runs in nbgrader: its Autograde is our sandbox and our judge.
c.Autograde.exporter_class = "grader.formgrader.GradingExporter"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.AssignLatePenalties"]
c.AssignLatePenalties.plugin_class = "grader.batch.lateness.LatePerDay"
c.LatePerDay.course_file = str(root / "class" / "course.toml")
