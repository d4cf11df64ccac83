"""All of the grader that exists inside the sandbox: start warm, fork, wall in, execute, observe.

It stands alone. Beside it the sandbox holds Python's environment and lrlab, no answer, no expected
value, no other submission. `grader.submission.sandbox` starts it, from outside, as
`python -m inside FD`.
"""
