"""Notebooks as learners really leave them: each kind changes a solved lesson in another way.

`KINDS` has a function for each: it is given a `Book`, in which one exercise is at stake; of the
others one is answered wrongly and one not at all. Which lesson and which exercises is drawn.
"""

from __future__ import annotations

import copy
import random
import re
import textwrap
from collections.abc import Callable

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from grader.demo.answers import ANSWERS
from grader.demo.rows import UNTOUCHED
from grader.demo.write import answer_source, filled_in
from grader.exercises import of_lesson
from grader.notebook import ANSWER_SUFFIX, checked_names

Cell = nbformat.NotebookNode


class Book:
    """A lesson that a learner has worked on, with the exercise that a kind is about.

    Attributes:
        cells: of the notebook, to be changed.
        exercise: the one at stake; it is answered with the solution.
        beyond_home: whether what was meant counts, although a run from top to bottom misses it.
    """

    def __init__(self, lesson: str, rng: random.Random) -> None:
        ids = [each.id for each in of_lesson(lesson)]
        functions = {each.id: each for each in of_lesson(lesson) if callable(each.reference)}
        self.lesson, self.rng, self.beyond_home = lesson, rng, False
        self.exercise = rng.choice(list(functions))
        words = dict.fromkeys(ids, "right")
        missed = rng.sample([each for each in ids if each != self.exercise], 2)
        words[missed[0]] = UNTOUCHED
        words[missed[1]] = rng.choice([*ANSWERS[missed[1]].mistakes])
        answers = {each: answer_source(each, word) for each, word in words.items()}
        self.cells: list[Cell] = filled_in(lesson, answers).cells

    def at(self, grade_id: str) -> Cell:
        """The first cell with this grade_id."""
        return next(
            cell
            for cell in self.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
        )

    @property
    def answer(self) -> Cell:
        return self.at(self.exercise + ANSWER_SUFFIX)

    @property
    def check(self) -> Cell:
        return self.at(self.exercise)

    @property
    def solution(self) -> str:
        return answer_source(self.exercise, "right")

    @property
    def stub(self) -> str:
        return answer_source(self.exercise, UNTOUCHED)

    @property
    def wrong(self) -> str:
        name = self.exercise
        return f"def {name}(**_):\n    return 'nothing'"

    def right_in_another_way(self, helper: str) -> str:
        """The solution, as long as `helper()` can be called."""
        head, body = self.split_at_body()
        return f"{head}\n    {helper}\n{body}"

    def split_at_body(self) -> tuple[str, str]:
        """The solution up to the end of its docstring, and the rest."""
        quotes = [found.end() for found in re.finditer('"""', self.solution)]
        return self.solution[: quotes[1]], self.solution[quotes[1] :].lstrip("\n")

    def put(self, before: Cell, *sources: str) -> None:
        """Put new code cells before a cell."""
        place = self.index(before)
        self.cells[place:place] = [new_code_cell(source) for source in sources]

    def put_after(self, cell: Cell, *sources: str) -> None:
        """Put new code cells after a cell."""
        place = self.index(cell) + 1
        self.cells[place:place] = [new_code_cell(source) for source in sources]

    def index(self, cell: Cell) -> int:
        """The place of this very cell."""
        return next(place for place, each in enumerate(self.cells) if each is cell)

    def of_kind(self, tag: str) -> list[Cell]:
        """The code cells with a tag."""
        return [each for each in self.code if tag in each.metadata.get("tags", [])]

    @property
    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.cell_type == "code"]

    def copy(self, cell: Cell, source: str) -> Cell:
        """A cell as copy and paste makes it: the same metadata, another id."""
        again = copy.deepcopy(cell)
        again.id, again.source = new_code_cell("").id, source
        return again

    def bytes(self) -> bytes:
        """The file as it is handed in."""
        notebook = nbformat.v4.new_notebook(cells=self.cells)
        return nbformat.writes(notebook, version=nbformat.NO_CONVERT).encode()


KINDS: dict[str, Callable[[Book], None]] = {}


def kind(change: Callable[[Book], None]) -> Callable[[Book], None]:
    """Take a function into KINDS, under its name."""
    KINDS[change.__name__] = change
    return change


# --- cells that were split, copied, merged, moved ------------------------------------------------


@kind
def split_before_the_function(book):
    name = "offset_of_mine"
    first = f"{name} = 0\nimport math as also_math"
    answer = book.answer
    answer.source = book.right_in_another_way(f"assert {name} == 0 and also_math.pi > 3")
    book.cells.insert(book.index(answer), book.copy(answer, first))


@kind
def split_after_a_helper(book):
    answer = book.answer
    answer.source = "def my_helper():\n    return True"
    second = book.copy(answer, book.right_in_another_way("assert my_helper()"))
    book.cells.insert(book.index(answer) + 1, second)


@kind
def split_in_three_with_text_between(book):
    answer = book.answer
    answer.source = "one = 1"
    place = book.index(answer) + 1
    last = book.right_in_another_way("assert one + two == 3")
    book.cells[place:place] = [
        new_markdown_cell("And now?"),
        book.copy(answer, "two = one + 1"),
        book.copy(answer, last),
    ]


@kind
def split_from_a_trailing_cell(book):
    answer = book.answer
    later = book.copy(answer, "def comes_later():\n    return 3")
    answer.source = book.right_in_another_way("assert comes_later() == 3")
    book.cells.insert(book.index(answer) + 1, later)


@kind
def copied_below_the_check_and_left_a_stub(book):
    book.cells.insert(book.index(book.check) + 1, book.copy(book.answer, book.stub))


@kind
def copied_above_the_answer_as_a_stub(book):
    book.cells.insert(book.index(book.answer), book.copy(book.answer, book.stub))


@kind
def copied_first_wrong_then_right(book):
    book.cells.insert(book.index(book.answer), book.copy(book.answer, book.wrong))


@kind
def copied_first_right_then_wrong(book):
    book.cells.insert(book.index(book.answer) + 1, book.copy(book.answer, book.wrong))


@kind
def copied_after_the_check_and_broken(book):
    broken = book.copy(book.answer, book.solution.replace("def ", "deff ", 1))
    book.cells.insert(book.index(book.check) + 1, broken)


@kind
def says_not_implemented_in_a_comment(book):
    book.answer.source = f"# raise NotImplementedError stood here\n{book.solution}"
    book.cells.insert(book.index(book.answer), book.copy(book.answer, book.wrong))


@kind
def the_whole_notebook_twice_solved_first(book):
    again = [book.copy(cell, cell.source) for cell in book.cells if cell.cell_type == "code"]
    stubs = {each.id + ANSWER_SUFFIX: each.id for each in of_lesson(book.lesson)}
    for cell in again:
        if (exercise := stubs.get(cell.metadata.get("nbgrader", {}).get("grade_id"))) is not None:
            cell.source = answer_source(exercise, UNTOUCHED)
    book.cells += again


@kind
def the_whole_notebook_twice_solved_second(book):
    again = [book.copy(cell, cell.source) for cell in book.code]
    book.answer.source = book.stub
    book.cells += again


@kind
def merged_with_its_check(book):
    book.answer.source += f"\n\n{book.check.source}"
    book.cells.remove(book.check)


@kind
def merged_check_above_with_own_code_below(book):
    book.answer.source += f"\n\n{book.check.source}\nprint('done')\n{book.exercise} = None"
    book.cells.remove(book.check)


@kind
def all_answers_in_one_cell_then_the_checks(book):
    answers = [cell for cell in book.code if _is_answer(cell)]
    answers[0].source = "\n\n\n".join(cell.source for cell in answers)
    _move_behind(book, answers[0], [cell for cell in book.code if _is_check(cell)])
    _drop(book, answers[1:])


@kind
def all_answers_and_checks_in_one_cell(book):
    both = [cell for cell in book.code if _is_answer(cell) or _is_check(cell)]
    both[0].source = "\n\n".join(cell.source for cell in both)
    _drop(book, both[1:])


@kind
def two_answers_in_the_cell_of_the_second(book):
    answers = [cell for cell in book.code if _is_answer(cell)]
    first, second = answers[:2]
    second.source = f"{first.source}\n\n\n{second.source}"
    _move_behind(book, second, [book.cells[book.index(first) + 1]])
    _drop(book, [first])


@kind
def all_code_in_one_cell(book):
    whole = "\n\n".join(cell.source for cell in book.code)
    book.cells[:] = [new_markdown_cell("# Mine"), new_code_cell(whole)]


@kind
def typed_into_the_cell_of_the_check(book):
    book.check.source = f"{book.solution}\n\n{book.check.source}"
    book.answer.source = book.stub


@kind
def typed_into_another_answer_cell(book):
    other = next(cell for cell in book.code if _is_answer(cell) and cell is not book.answer)
    other.source += f"\n\n\n{book.solution}"
    _drop(book, [book.answer])
    book.put(book.cells[-1], book.check.source)


@kind
def checks_moved_to_the_end(book):
    checks = [cell for cell in book.code if _is_check(cell)]
    _drop(book, checks)
    book.cells += checks


@kind
def answers_moved_to_the_top(book):
    answers = [cell for cell in book.code if _is_answer(cell)]
    _move_behind(book, book.code[0], answers)


@kind
def the_last_section_moved_to_the_front(book):
    checks = [cell for cell in book.code if _is_check(cell)]
    last = book.cells[book.index(checks[-2]) + 1 : book.index(checks[-1]) + 1]
    _move_behind(book, book.code[0], last)


@kind
def a_check_moved_above_its_answer_and_called_again(book):
    check = book.check
    book.put_after(book.answer, check.source)
    _drop(book, [check])
    book.cells.insert(book.index(book.answer), check)


# --- where the answer stands ----------------------------------------------------------------------


@kind
def in_a_new_cell_and_the_given_one_deleted(book):
    book.put(book.check, book.solution)
    _drop(book, [book.answer])


@kind
def in_a_new_cell_between_the_stub_and_the_check(book):
    book.answer.source = book.stub
    book.put(book.check, book.solution)


@kind
def in_a_new_cell_above_the_stub(book):
    book.answer.source = book.stub
    book.put(book.answer, book.solution)
    book.beyond_home = True


@kind
def in_a_new_cell_below_the_check(book):
    book.answer.source = book.stub
    book.put_after(book.check, book.solution)
    book.beyond_home = True


@kind
def in_a_new_cell_below_the_check_and_checked_again(book):
    book.answer.source = book.stub
    book.put_after(book.check, book.solution, book.check.source)


@kind
def in_a_new_cell_at_the_very_end_with_the_stub_deleted(book):
    """The last exercise's, because no other answer calls that."""
    last = [cell for cell in book.code if _is_answer(cell)][-1]
    _drop(book, [last])
    book.cells.append(new_code_cell(last.source))
    book.beyond_home = True


@kind
def in_a_cell_that_was_text_before(book):
    text = next(c for c in book.cells[book.index(book.answer) :: -1] if c.cell_type == "markdown")
    place = book.index(text)
    book.cells[place] = new_code_cell(book.solution, id=text.id, metadata=text.metadata)
    _drop(book, [book.answer])


@kind
def turned_into_text(book):
    cell = new_markdown_cell(book.solution, id=book.answer.id, metadata=book.answer.metadata)
    book.cells[book.index(book.answer)] = cell
    book.beyond_home = True


@kind
def an_old_try_turned_into_text(book):
    old = new_markdown_cell(book.wrong, id=book.answer.id, metadata=book.answer.metadata)
    book.put(book.check, book.solution)
    book.cells[book.index(book.answer)] = old


@kind
def a_text_turned_into_code(book):
    text = book.cells[1]
    book.cells[1] = new_code_cell(text.source, id=text.id)


@kind
def given_up_and_deleted(book):
    _drop(book, [book.answer])


@kind
def answer_and_check_deleted(book):
    _drop(book, [book.answer, book.check])


@kind
def the_check_deleted(book):
    _drop(book, [book.check])
    book.beyond_home = True


# --- names ----------------------------------------------------------------------------------------


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + ("".join(map(str.capitalize, rest)) or "Function")


@kind
def renamed(book):
    book.answer.source = re.sub(rf"\b{book.exercise}\b", _camel(book.exercise), book.solution)


@kind
def renamed_in_the_check_as_well(book):
    name = _camel(book.exercise)
    book.answer.source = re.sub(rf"\b{book.exercise}\b", name, book.solution)
    book.check.source = f'check("{book.exercise}", {name})'


@kind
def checked_through_a_lambda(book):
    book.check.source = f'check(\n    "{book.exercise}",\n    lambda **case: hidden(**case)\n)'
    book.answer.source = re.sub(rf"\b{book.exercise}\b", "hidden", book.solution)


@kind
def checked_through_lrlab(book):
    book.check.source = f"import lrlab as course\ncourse.check('{book.exercise}', {book.exercise})"


@kind
def the_same_name_for_every_function(book):
    both = [cell for cell in book.code if _is_check(cell) and len(_names(cell)) == 1][:2]
    bodies = [
        re.sub(rf"\b{_names(cell)[0]}\b", "answer", answer_source(_names(cell)[0], "right"))
        + f'\ncheck("{_names(cell)[0]}", answer)'
        for cell in both
    ]
    _drop(book, [book.at(_names(cell)[0] + ANSWER_SUFFIX) for cell in both])
    both[0].source = "\n\n".join(bodies)
    _drop(book, both[1:])


@kind
def the_result_is_kept(book):
    book.check.source = f"result = {book.check.source}\nprint(result); result"


@kind
def all_checks_in_one_cell_with_semicolons(book):
    checks = [cell for cell in book.code if _is_check(cell)]
    checks[-1].source = "; ".join(cell.source for cell in checks)
    _drop(book, checks[:-1])


@kind
def checked_in_a_loop(book):
    book.check.source = f"for _ in range(2):\n    display({book.check.source})"


@kind
def deleted_after_it_was_checked(book):
    book.put_after(book.check, f"del {book.exercise}")


@kind
def a_value_takes_its_name_after_the_check(book):
    book.put_after(book.check, f"{book.exercise} = 3")


@kind
def a_class_with_a_call(book):
    name = book.exercise
    source = re.sub(rf"\bdef {name}\b", "def plain_function", book.solution)
    call = (
        "class Answer:\n    def __call__(self, **case):\n        return plain_function(**case)\n\n"
    )
    book.answer.source = f"{source}\n\n\n{call}\n{name} = Answer()"


@kind
def a_decorator_of_the_learner(book):
    book.put(book.answer, "import functools\n\n\ndef logged(f):\n    calls = []\n"
             "    @functools.wraps(f)\n    def inner(*args, **kwargs):\n        calls.append(1)\n"
             "        return f(*args, **kwargs)\n    return inner")  # fmt: skip
    book.answer.source = f"@logged\n{book.solution}"


@kind
def defined_under_a_condition(book):
    source = textwrap.indent(book.solution, "    ")
    book.answer.source = f"try:\n{source}\nfinally:\n    pass"


# --- what the lesson gives ------------------------------------------------------------------------


def _defined_in_demos(book: Book) -> list[str]:
    """The names that demonstrations above the answer define, but for those of pictures."""
    simple = re.compile(r"^(?:def )?(\w+)(?:\(| = )", re.MULTILINE)
    before = book.cells[: book.index(book.answer)]
    cells = [cell for cell in before if "demo" in cell.metadata.get("tags", [])]
    names = {name for cell in cells for name in simple.findall(cell.source)}
    calls = ("print", "plot_", "explore_", "show_", "Picture")
    return sorted(name for name in names if not name.startswith(calls))


def _with_names_of_demos(book: Book) -> list[str]:
    for cell in reversed([cell for cell in book.code if _is_check(cell)]):
        if len(_names(cell)) == 1:
            book.answer.source = book.solution
            book.exercise = _names(cell)[0]
            if names := _defined_in_demos(book):
                return names
    return ["print"]


@kind
def uses_every_name_of_the_demonstrations(book):
    names = _with_names_of_demos(book)
    book.answer.source = book.right_in_another_way(f"[{', '.join(names)}]")


@kind
def uses_a_name_of_a_demonstration_at_once(book):
    name = book.rng.choice(_with_names_of_demos(book))
    book.answer.source = f"kept = {name}\n{book.right_in_another_way('kept')}"


@kind
def uses_a_name_of_a_demonstration_in_a_magic(book):
    name = book.rng.choice(_with_names_of_demos(book))
    book.answer.source = f"%timeit -n1 -r1 {name}\nkept = eval('{name}')\n{book.solution}"


@kind
def uses_an_own_helper_that_uses_one_of_a_demonstration(book):
    name = book.rng.choice(_with_names_of_demos(book))
    book.put(book.answer, f"def indirect():\n    return {name}")
    book.answer.source = book.right_in_another_way("indirect()")


@kind
def a_demonstration_has_a_helper_added(book):
    demo = _demo_before(book)
    demo.source = f"def added(x):\n    return x\n\n\n{demo.source}"
    book.answer.source = book.right_in_another_way("added(1)")


@kind
def a_demonstration_was_changed_and_fails(book):
    demo = _demo_before(book)
    demo.source = "added = 1\n1 / 0"
    book.answer.source = book.right_in_another_way("added")


@kind
def every_demonstration_was_changed(book):
    for number, demo in enumerate(book.of_kind("demo")):
        demo.source += f"\nchanged_{number} = True"
    before = len([d for d in book.of_kind("demo") if book.index(d) < book.index(book.answer)])
    book.answer.source = book.right_in_another_way(f"changed_{before - 1}" if before else "0")


@kind
def every_demonstration_was_deleted(book):
    _drop(book, book.of_kind("demo"))


@kind
def every_demonstration_was_deleted_and_their_names_are_the_learners(book):
    names = _with_names_of_demos(book)
    _drop(book, book.of_kind("demo"))
    book.put(book.code[1], "\n".join(f"{name} = 'mine'" for name in names))
    book.answer.source = book.right_in_another_way(f"assert {names[0]} == 'mine'")


@kind
def only_the_answers_are_handed_in(book):
    """They use what the lesson had defined in cells that are no longer there."""
    answers = [cell for cell in book.code if _is_answer(cell)]
    book.cells[:] = answers
    book.beyond_home = True


@kind
def imports_were_added_to_the_first_cell(book):
    book.code[0].source += "\nimport itertools as it\nfrom math import isclose as near"
    book.answer.source = book.right_in_another_way("assert near(1, 1) and it.count()")


@kind
def the_first_cell_was_replaced(book):
    own = "import lrlab, math, warnings, sys, torch, numpy as np\nfrom lrlab import *\n"
    own += "from torch.optim.lr_scheduler import *\nmine = 1"
    book.cells[book.index(book.code[0])] = new_code_cell(own)
    book.answer.source = book.right_in_another_way("mine")


@kind
def a_given_cell_twice(book):
    first = book.code[0]
    book.cells.insert(book.index(book.answer), book.copy(first, first.source))


# --- own cells, magics, the kernel ----------------------------------------------------------------


@kind
def a_helper_in_an_own_cell_far_above(book):
    book.put(book.code[1], "def far_above():\n    return 1")
    book.answer.source = book.right_in_another_way("far_above()")


@kind
def a_helper_in_an_own_cell_below(book):
    book.answer.source = book.right_in_another_way("below_of_mine()")
    book.put(book.check, "def below_of_mine():\n    return 1")


@kind
def an_own_cell_fails(book):
    book.put(book.answer, "before = 1\n1 / 0\nafter = 1")
    book.answer.source = book.right_in_another_way("before")


@kind
def own_names_that_demonstrations_have_too(book):
    names = _with_names_of_demos(book)
    values = "\n".join(f"{name} = 'mine'" for name in names)
    book.put(book.answer, values)
    book.answer.source = book.right_in_another_way(f"assert {names[0]} == 'mine'")


@kind
def magics_of_all_kinds(book):
    book.put(
        book.answer,
        "%matplotlib inline\n!echo hello\nfiles = !ls\nprint?\n%who\n%time x = 1",
        "%%capture out\nmagic = 1\nprint(magic)",
        "%%bash\necho hello",
        "%%html\n<b>hello</b>",
        "%load_ext autoreload\n%autoreload 2",
    )
    book.answer.source = book.right_in_another_way("assert x == magic == 1")


@kind
def timed_with_a_cell_magic(book):
    book.answer.source = f"%%time\n{book.solution}"


@kind
def a_magic_in_front_of_the_function(book):
    book.answer.source = f"%precision 4\n\n{book.solution}\n!echo done"


@kind
def written_to_a_file_and_imported(book):
    module = f"mine_{book.exercise}"
    book.put(book.answer, f"%%writefile {module}.py\nimport math\nimport torch\n"
             f"from torch.optim.lr_scheduler import StepLR\n\n\n{book.solution}")  # fmt: skip
    book.answer.source = f"from {module} import {book.exercise}"


@kind
def asks_who_it_is(book):
    book.put(
        book.answer,
        "import getpass, os, platform, socket\nfrom pathlib import Path\n"
        "who = getpass.getuser(), socket.gethostname(), platform.platform(), Path.home()",
    )
    book.answer.source = book.right_in_another_way("assert all(map(str, who))")


@kind
def asks_for_input(book):
    book.answer.source = f"name = input('Your name? ')\n{book.solution}\ninput()"


@kind
def awaits_at_the_top_level(book):
    book.answer.source = f"import asyncio\nawait asyncio.sleep(0)\n{book.solution}"


@kind
def ends_with_sys_exit(book):
    book.answer.source = f"{book.solution}\nimport sys\nsys.exit()"


@kind
def floods_and_warns(book):
    book.answer.source = book.right_in_another_way(
        "import warnings; warnings.warn('careful'); print('x' * 1000)"
    )


# --- what other programs make of a file -----------------------------------------------------------


@kind
def metadata_stripped(book):
    for cell in book.cells:
        cell.metadata = nbformat.NotebookNode()


@kind
def metadata_and_ids_stripped(book):
    for cell in book.cells:
        cell.metadata = nbformat.NotebookNode()
        cell.id = new_code_cell("").id


@kind
def ids_moved_into_the_metadata(book):
    for cell in book.cells:
        cell.metadata = nbformat.NotebookNode(id=cell.id)
        cell.id = new_code_cell("").id


@kind
def metadata_and_ids_stripped_and_checks_deleted(book):
    metadata_and_ids_stripped(book)
    _drop(book, [cell for cell in book.code if _is_check(cell)])
    book.beyond_home = True


@kind
def metadata_and_ids_stripped_and_renamed(book):
    renamed(book)
    metadata_and_ids_stripped(book)


@kind
def metadata_and_ids_stripped_and_split(book):
    split_after_a_helper(book)
    metadata_and_ids_stripped(book)


@kind
def reformatted_by_an_editor(book):
    for cell in book.code:
        cell.source = cell.source.replace('"', "'") if _is_check(cell) else cell.source
        cell.source = cell.source.rstrip() + "\n\n"
    for cell in book.code:
        cell.source = cell.source.replace("\n", "\r\n")


# --- torch and Python, as a cell left them --------------------------------------------------------


@kind
def settings_of_torch_are_changed(book):
    book.put(
        book.answer,
        "torch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\n"
        "torch.manual_seed(1)\ntorch.set_num_threads(2)",
    )


@kind
def settings_of_python_are_changed(book):
    book.put(
        book.answer,
        "import warnings\nwarnings.simplefilter('error')\nimport builtins\n"
        "loud = builtins.print\ndef print(*args, **kw):\n    loud('>', *args, **kw)\n"
        "builtins.print = print\nimport random\nrandom.seed(0)\n"
        "builtins.sum = builtins.sorted = builtins.max = lambda *args, **kw: 0\n"
        "del builtins.round, builtins.abs",
    )


@kind
def settings_of_decimals_and_numpy_are_changed(book):
    """An answer counts on them: `check` runs it in a thread, which would begin without them."""
    book.put(
        book.answer,
        "import decimal\ndecimal.getcontext().prec = 4\n"
        "import numpy as np\n_ = np.seterr(all='raise')\n"
        "def as_set():\n    assert decimal.getcontext().prec == 4\n"
        "    assert np.geterr()['over'] == 'raise'",
    )
    book.answer.source = book.right_in_another_way("as_set()")


def _is_answer(cell: Cell) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _is_check(cell: Cell) -> bool:
    return bool(checked_names(cell.source.strip()))


def _names(cell: Cell) -> list[str]:
    return checked_names(cell.source.strip())


def _drop(book: Book, cells: list[Cell]) -> None:
    book.cells[:] = [cell for cell in book.cells if not any(cell is each for each in cells)]


def _move_behind(book: Book, cell: Cell, moved: list[Cell]) -> None:
    _drop(book, moved)
    place = book.index(cell) + 1
    book.cells[place:place] = moved


def _demo_before(book: Book) -> Cell:
    """A demonstration above the answer; one is put there where the lesson has none."""
    demos = [each for each in book.of_kind("demo") if book.index(each) < book.index(book.answer)]
    return demos[-1] if demos else book.of_kind("demo")[0]
