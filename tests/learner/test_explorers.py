"""All explorers are alike in this: echoes, and the JavaScript that each makes one module of."""

import re
from pathlib import Path

import pytest

from lrlab import (
    explore_bowl,
    explore_constant,
    explore_plateau,
    explore_plateau_mnist,
    explore_shapes,
    explore_steplr,
)
from lrlab.checking import rerun
from lrlab.explore.chart import JS
from lrlab.javascript import DECLARED, EXPORT, IMPORT, imported, module
from lrlab.training import BATCHES

RERUN = Path(rerun.__file__).with_suffix(".js")
ONE = "export const one = () => 1;\nexport default { render: one };\n"
BASE = """\
export function a() {}

export const b = 2;
export class C {}
export async function d() {}
"""


@pytest.mark.parametrize(
    "explore",
    [
        explore_bowl,
        explore_constant,
        explore_steplr,
        explore_plateau,
        explore_plateau_mnist,
        explore_shapes,
    ],
)
def test_no_echo_of_a_setting_comes_back_to_undo_the_next(explore, monkeypatch):
    explorer = explore()
    sent = []
    for widget in (explorer.chart, *explorer.sliders.values()):
        monkeypatch.setattr(widget, "_send", lambda message, buffers=None: sent.append(message))
    for name, slider in explorer.sliders.items():
        highest = last_value(slider)
        slider.set_state({"value": highest})
        explorer.chart.set_state({name: highest})
        assert getattr(explorer.chart, name) == slider.value == highest
    told = {name for message in sent for name in message["state"]}
    assert not told & {"value", *explorer.chart.start}
    assert "echo_update" not in {message["method"] for message in sent}


def last_value(control):
    """The highest value of a slider, the last word of a list."""
    if hasattr(control, "options"):
        return control.options[-1]
    return control.base**control.max if hasattr(control, "base") else control.max


@pytest.fixture
def files(tmp_path):
    """Write these files; what it returns makes a module of one of them, by its name."""

    def write(**sources):
        for name, source in sources.items():
            (tmp_path / f"{name}.js").write_text(source, encoding="utf-8")
        return lambda name: module(tmp_path / f"{name}.js")

    return write


@pytest.mark.parametrize(
    "statement",
    [
        'import { a, b } from "./base.js";',
        "import { a, b } from './base.js'",
        'import {a,b} from "./base.js";',
        'import {\n  a,\n  b,\n} from "./base.js";',
        'import {\n  a,\n  b\n}\n  from "./base.js";',
    ],
)
def test_imports_may_be_written_as_any_formatter_writes_them(files, statement):
    bundled = files(
        base=BASE,
        middle=f"{statement}\nexport const m = a;\n",
        top=f'import {{ m }} from "./middle.js";\n{statement}\n\nexport default {{ render: m }};\n',
    )
    lines = bundled("top").splitlines()
    assert not any(line.startswith(("import", "export {", "}")) for line in lines)
    assert [line for line in lines if line.startswith("export")] == [
        "export default { render: m };"
    ]
    assert lines.count("function a() {}") == lines.count("async function d() {}") == 1
    assert lines.index("class C {}") < lines.index("const m = a;") < lines.index(lines[-1])


@pytest.mark.parametrize(
    "statement",
    [
        'import * as base from "./base.js";',
        'import base from "./base.js";',
        'import { a as other } from "./base.js";',
        'import "./base.js";',
        'import { a } from "https://example.org/base.js";',
        '  import { a } from "./base.js";',
        "export { one };",
        "export {\n  one,\n};",
        "export{one};",
        'export * from "./base.js";',
    ],
)
def test_other_imports_and_exports_are_refused_in_a_sentence(files, statement):
    bundled = files(
        base=BASE, top=f"{statement}\n{ONE}", over=f'import {{ one }} from "./top.js";\n{ONE}'
    )
    for name in ("top", "over"):
        with pytest.raises(ValueError, match=r"^top\.js cannot be put into one module because of"):
            bundled(name)


def test_two_files_that_declare_one_name_are_refused(files):
    bundled = files(base=BASE, top=f'import {{ a }} from "./base.js";\nconst b = a;\n{ONE}')
    with pytest.raises(ValueError, match=r"^top\.js and .* declare b more than once"):
        bundled("top")


def test_a_module_has_one_default_export_and_no_circle(files):
    bundled = files(
        none="export const a = 1;\n",
        two=f'import {{ one }} from "./one.js";\n{ONE}',
        one=ONE,
        here='import { a } from "./there.js";\nexport default a;\n',
        there='import { b } from "./here.js";\nexport const a = b;\n',
    )
    assert bundled("one").count("export") == 1
    with pytest.raises(ValueError, match=r"^none\.js and .* have 0 times `export default`"):
        bundled("none")
    with pytest.raises(ValueError, match=r"^two\.js and .* have 2 times `export default`"):
        bundled("two")
    with pytest.raises(ValueError, match="cycle"):
        bundled("here")


@pytest.mark.parametrize("path", [*sorted(JS.glob("*.js")), RERUN], ids=lambda path: path.stem)
def test_every_name_that_a_file_imports_is_exported_and_used(path):
    source = path.read_text(encoding="utf-8")
    for found, file in zip(IMPORT.finditer(source), imported(path, source), strict=True):
        exported = file.read_text(encoding="utf-8")
        exports = {DECLARED.match(exported[at.end() :])[1] for at in EXPORT.finditer(exported)}
        for name in re.findall(r"\w+", found["names"]):
            assert name in exports
            assert len(re.findall(rf"\b{name}\b", source)) > 1, f"{name} is not used"


def test_the_page_counts_as_many_batches_in_an_epoch_as_training_has():
    forms = (JS / "forms.js").read_text(encoding="utf-8")
    assert f"export const BATCHES = {BATCHES};" in forms
