"""Wrong answers that no misconception names: as changes of the right answer, one or two."""

from collections import Counter

import pytest
from corpus import corpus, outcome, verdict_of

from grader.exercise import released_readings
from grader.exercises import EXERCISES, LESSONS
from grader.misreadings import _numbers_seldom, _of_one, misreadings
from lrlab.checking import codec
from lrlab.checking.compare import difference
from lrlab.checking.naming import head
from lrlab.checking.sketch import alike, sketch

LARGEST_FILE = 1_000_000
PURE = ("sgd_step", "step_lr", "step_lr_trace", "count_updates", "flat_drops", "clamp_lr")


@pytest.fixture(scope="module")
def judged():
    """Every wrong answer of the corpus that is not held back, with its verdict."""
    return [(wrong, verdict_of(wrong)) for wrong in corpus() if not wrong.held_back]


def test_most_wrong_answers_are_named_as_a_tutor_would(judged):
    one = Counter(outcome(wrong, said) for wrong, said in judged if len(wrong.words) == 1)
    two = Counter(outcome(wrong, said) for wrong, said in judged if len(wrong.words) == 2)
    assert not one["accepted"] and not two["accepted"]
    assert one["named"] >= 0.8 * one.total()
    assert two["named"] >= 0.6 * two.total()


def test_a_mistake_has_the_same_name_at_home_and_when_it_is_graded(judged):
    for wrong, graded in judged:
        at_home = verdict_of(wrong, seed=None)
        assert (at_home.kind, at_home.diagnosis) == (graded.kind, graded.diagnosis), wrong.label
        assert graded.credit <= at_home.credit


def test_every_way_to_misread_an_input_is_named():
    for exercise in map(EXERCISES.get, PURE):
        cases = exercise.visible_cases
        words = {head(sentence) for sentence in exercise.misconceptions}
        kinds = (_of_one, _numbers_seldom)
        ways = {w: c for kind in kinds for w, c in misreadings(cases, exercise.inputs, kind)}
        named = 0
        for misread in ways.values():

            def answer(misread=misread, exercise=exercise, **case):
                return exercise.reference(**misread(case))

            verdict = exercise.judge(cases, exercise.observe(answer, cases))
            said = head(verdict.diagnosis)
            named += verdict.kind != "wrong" or said in words or said in ways
        assert named >= 0.85 * len(ways), exercise.id


NEAR_0 = [each for each in EXERCISES.values() if each.relative_to]


@pytest.mark.parametrize("exercise", NEAR_0, ids=lambda each: each.id)
def test_a_misreading_is_known_again_where_results_come_near_0(exercise):
    """What counts as 0 is the same where a lesson is built and where an answer is judged."""
    cases = exercise.visible_cases
    known = {each.parts for each in released_readings(exercise.lesson)[exercise.id].known}
    kinds = (_of_one, _numbers_seldom)
    ways = {w: c for kind in kinds for w, c in misreadings(cases, exercise.inputs, kind)}
    told = {}
    for words in (each for each in ways if (each,) in known):

        def answer(misread=ways[words], **case):
            return exercise.reference(**misread(case))

        told[words] = head(exercise.judge(cases, exercise.observe(answer, cases)).diagnosis)
    assert told == {words: words for words in told} != {}


@pytest.mark.parametrize("exercise", PURE)
def test_a_table_of_the_visible_cases_earns_nothing(exercise):
    exercise = EXERCISES[exercise]
    near = [known for known in exercise.known_mistakes(exercise.visible_cases) if known.credit]
    cases = [*exercise.visible_cases, *exercise.hidden_cases("a class")]
    hidden = len(cases) - len(exercise.visible_cases)
    for known in near:
        table = [*known.observed, *[{"value": -1.5}] * hidden]
        verdict = exercise.judge(cases, table)
        assert (verdict.credit, verdict.diagnosis) == (0, known.sentence)
    right = exercise.expected(exercise.visible_cases)
    verdict = exercise.judge(cases, [*right, *[{"value": -1.5}] * hidden])
    assert (verdict.kind, verdict.credit) == ("wrong", 0)
    assert verdict.case == cases[-hidden], "it shows the case"


def test_a_tie_in_rounding_costs_nothing():
    exercise = EXERCISES["step_lr"]
    cases = [*exercise.visible_cases, *exercise.hidden_cases("a class")]
    rounded = next(k for k in exercise.known_mistakes(cases) if k.credit)
    observed = [*rounded.observed]
    observed[-1] = {"value": observed[-1]["value"] + 1e-4}
    assert exercise.judge(cases, observed).credit == rounded.credit


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_learners_get_is_small_and_holds_no_answer(lesson, tmp_path):
    from grader import paths

    text = paths.checks(lesson).read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST_FILE
    for each in codec.loads(text).values():
        assert all(len(line.split()) in (3, 4) for line in each["readings"]["known"])
    assert released_readings(lesson)


def test_sketches_agree_where_observations_do():
    exercise = EXERCISES["chained_trace"]
    cases = exercise.visible_cases
    seen = {known.sentence: known.observed for known in exercise.known_mistakes(cases)}
    seen["right"] = exercise.expected(cases)
    none = [0.0] * len(cases)
    sketches = {name: sketch(list(each), none) for name, each in seen.items()}
    for one in seen:
        for other in seen:
            same = difference(list(seen[one]), list(seen[other])) is None
            assert alike(sketches[one], sketches[other]) == same


def test_a_sketch_forgives_last_bits_and_tells_places():
    one = [{"value": [0.1 + 0.2, 1e-9, 3, float("nan"), True]}]
    assert alike(sketch(one, [0.0]), sketch([{"value": [0.3, 1e-9, 3.0, float("nan"), True]}], [0]))
    for other in ([0.3, 2e-9, 3], [1e-9, 0.3, 3], [0.3, 1e-9, 3, float("inf"), True]):
        assert not alike(sketch(one, [0.0]), sketch([{"value": other}], [0.0]))
