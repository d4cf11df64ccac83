"""torch's compiler stays out until it is asked for, and then it is the real one, loaded once."""

import subprocess
import sys

# Each of these asks in a fork of its own, so that torch is imported once.
ASKS = {
    "compiles": "assert torch.compile(lambda x: x + 1, backend='eager')(weight) == weight + 1",
    "a setting": "assert torch._dynamo.config.suppress_errors is False",
    "a name of a submodule": "from torch._dynamo.backends.registry import list_backends as f; f()",
    "a module that the package does not load": "import torch._dynamo.repro.after_aot",
}
ASKING = """
import inspect, os, sys, traceback
import torch
from grader.inside.eager import keep_compiler_out

def ask(code):
    exec(code)
    real = sys.modules["torch._dynamo"]
    assert torch._dynamo is real and real.__spec__.origin.endswith("__init__.py")
    assert real.config is sys.modules["torch._dynamo.config"]
    assert real.config.__spec__.origin.endswith("config.py")
    optimizer.step()

keep_compiler_out()
weight = torch.nn.Parameter(torch.ones(()))
optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
torch.optim.lr_scheduler.StepLR(optimizer, 1)
weight.square().backward()
optimizer.step()
optimizer.load_state_dict(optimizer.state_dict())
inspect.getmodule(optimizer.step)
assert "torch._dynamo.eval_frame" not in sys.modules
for name, code in ASKS.items():
    child = os.fork()
    if child == 0:
        try:
            ask(code)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0, name
"""


def test_the_compiler_is_the_real_one_when_it_is_asked_for():
    code = f"ASKS = {ASKS!r}\n{ASKING}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
