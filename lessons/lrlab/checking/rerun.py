"""The part of the card that looks at the cell above it, in JupyterLab and Notebook.

A kernel cannot see a text that was not run, but the page marks such a cell, `.jp-mod-dirty`. As
long as it does, the card of the cell below says so in place of its verdict. Its button presses
Shift+Enter on both cells. Other front ends show neither.
"""

from __future__ import annotations

from lrlab.palette import STATUS_COLOURS, SYMBOLS

LABEL = "Run answer and check"
EDITED = (
    f"{SYMBOLS['stale']} Changed, not run. You changed the cell above after you ran it: what stood "
    "here was about your previous version. Run the cell (Shift+Enter), then check again."
)
# All words stand in the style sheet, so that a viewer that drops styles shows none of them.
CARD = ".jp-CodeCell.jp-mod-dirty+.jp-CodeCell .lrlab-card"
STYLE = (
    "<style>"
    f'.lrlab-run::after{{content:"▶ {LABEL}"}}'
    ".jp-CodeCell+.jp-CodeCell .lrlab-run{display:inline-block!important}"
    f"{CARD}>:not(.lrlab-rerun){{display:none!important}}"
    f"{CARD}{{border-left-color:{STATUS_COLOURS['stale']}!important}}"
    f'{CARD}::before{{content:"{EDITED}";display:block;font-weight:600}}'
    "</style>"
)
# The page's own keyboard shortcuts are the one way to its cells that every page has.
PRESS = (
    "const check=this.closest('.jp-Cell'),press=cell=>{"
    "for(const type of ['mousedown','mouseup'])"
    "cell.dispatchEvent(new MouseEvent(type,{bubbles:true,cancelable:true}));"
    "const notebook=cell.closest('.jp-Notebook');notebook.focus();"
    "notebook.dispatchEvent(new KeyboardEvent('keydown',{key:'Enter',code:'Enter',keyCode:13,"
    "shiftKey:true,bubbles:true,cancelable:true}))};"
    "press(check.previousElementSibling);setTimeout(()=>press(check),50)"
)
HTML = (
    f'<div class="lrlab-rerun" style="margin:.6em 0 0">{STYLE}<button type="button" '
    f'class="lrlab-run" aria-label="{LABEL}" style="display:none;font:inherit;font-size:.93em;'
    "cursor:pointer;padding:.15em .8em;border-radius:4px;color:inherit;background:none;"
    f'border:1px solid var(--jp-border-color0,#767676)" onclick="{PRESS}"></button></div>'
)
