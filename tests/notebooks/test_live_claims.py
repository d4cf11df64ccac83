"""What lesson 4 says of the runs that it trains live is true for a seed that is not its own."""

import ast

import nbformat
import pytest
import torch

import lrlab
from grader import paths

SEED = 11


@pytest.fixture(scope="module")
def shapes(mnist):
    """The functions of lesson 4's own cells that train with a seed, and nothing else of them."""
    names = {"lrlab": lrlab, "torch": torch, "images": mnist}
    for cell in nbformat.read(paths.solution("shapes"), as_version=4).cells:
        code = ast.parse(cell.source if cell.cell_type == "code" else "")
        trains = [
            node
            for node in code.body
            if isinstance(node, ast.FunctionDef)
            and any(argument.arg == "seed" for argument in node.args.args)
        ]
        imports = [node for node in code.body if isinstance(node, ast.Import | ast.ImportFrom)]
        exec(compile(ast.Module(imports + trains, []), cell.id, "exec"), names)
    return names


def test_a_range_test_is_lowest_above_the_best_constant_rate_and_then_explodes(shapes):
    lrs, losses = map(torch.tensor, shapes["range_test"](seed=SEED))
    means = [loss.mean().item() for loss in losses.chunk(10)]
    ends = [(lr[0].item(), lr[-1].item()) for lr in lrs.chunk(10)]
    low, high = ends[means.index(min(means))]
    assert 0.02 < low < high < 0.3
    assert means[-1] > means[0] > 2 * min(means)


def test_an_ema_is_better_than_the_network_that_it_averages(shapes):
    network, ema = shapes["with_average"](seed=SEED)
    assert ema - network > 0.5


def test_four_times_the_batch_wants_four_times_the_rate(shapes):
    small, same, scaled = (
        shapes["last_epoch"](batch_size, lr, epochs=2, seed=SEED).train_loss
        for batch_size, lr in ((128, 0.03), (512, 0.03), (512, 0.12))
    )
    assert abs(scaled - small) < abs(same - small) / 4
