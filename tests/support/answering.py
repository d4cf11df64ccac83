"""Answers as a kernel has them once their cells were run: the lesson is solved but for one."""

import ast
from functools import cache

from grader import paths
from grader.demo.write import answer_source
from grader.exercises import EXERCISES, of_lesson
from grader.notebook import CHECK, read


def typed(exercise: str, source: str):
    """What `check` is given when the answer cell of an exercise holds `source`.

    A function, or a tuple of them where the exercise asks for several.
    """
    lesson = EXERCISES[exercise].lesson
    namespace = {"__name__": "__main__"}
    for code in _solved(lesson):
        exec(code, namespace)
    exec(compile(source, f"<{exercise}>", "exec"), namespace)
    answers = tuple(namespace[name] for name in _asked(lesson)[exercise])
    return answers if len(answers) > 1 else answers[0]


@cache
def _solved(lesson: str) -> list:
    """The imports of a lesson and its right answers, compiled."""
    given = [cell.source for cell in _code(lesson) if _id(cell).startswith("given-")]
    statements = [node for source in given for node in ast.parse(source).body]
    imports = [node for node in statements if isinstance(node, ast.Import | ast.ImportFrom)]
    answers = [answer_source(each.id, "right") for each in of_lesson(lesson)]
    trees = [ast.Module(imports, []), *map(ast.parse, answers)]
    return [compile(tree, f"<{lesson}>", "exec") for tree in trees]


@cache
def _asked(lesson: str) -> dict[str, list[str]]:
    """Exercise → the names of the functions that its `check` is given."""
    calls = [CHECK.fullmatch(cell.source) for cell in _code(lesson)]
    return {call["id"]: call["names"].split(", ") for call in calls if call}


@cache
def _code(lesson: str) -> list:
    return [cell for cell in read(paths.solution(lesson)).cells if cell.cell_type == "code"]


def _id(cell) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")
