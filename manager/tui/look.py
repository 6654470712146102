"""How it looks: where things lie, and colours by what they mean. All colours are the theme's."""

from __future__ import annotations

# Those that can be chosen, in turn; the last two are the terminal's own colours.
THEMES = ("textual-dark", "textual-light", "nord", "gruvbox", "ansi-dark", "ansi-light")

CSS = """
Screen { layout: vertical; }
#head { height: 1; background: $panel; color: $foreground; }
#head.asof { background: $warning; color: $background; }
#modes { height: 1; color: $text-muted; }
#body { height: 1fr; }
#lists { width: 1fr; }
ResourceTable { height: 1fr; background: $background; color: $foreground; overflow-x: hidden; }
ResourceTable > .table--head { color: $text-muted; text-style: bold; }
ResourceTable > .table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
ResourceTable > .table--marked { text-style: bold; color: $accent; }
ResourceTable > .table--stale { color: $text-disabled; }
ResourceTable > .table--good { color: $text-success; }
ResourceTable > .table--warn { color: $text-warning; }
ResourceTable > .table--bad { color: $text-error; text-style: bold; }
ResourceTable > .table--dim { color: $text-muted; }
ResourceTable:nocolor > .table--cursor, OptionList:nocolor > .option-list--option-highlighted { text-style: reverse; }
ResourceTable:nocolor > .table--stale { text-style: italic; }
#said { height: auto; max-height: 6; color: $text-error; padding: 0 1; display: none; }
#said.on { display: block; }
#empty { height: 1; color: $text-muted; padding: 0 1; display: none; }
#empty.on { display: block; }
#horizon { height: auto; max-height: 40%; border-top: solid $panel; padding: 0 1; display: none; }
#horizon.on { display: block; }
#debt, #timeline { height: auto; }
#detail { width: 50%; border-left: solid $panel; display: none; padding: 0 1; }
#detail.on { display: block; }
.narrow #detail.on { width: 100%; border-left: none; }
.narrow #lists.behind { display: none; }
#detail-tabs { height: 1; color: $text-muted; }
#detail-text { height: auto; }
#filter { height: 1; border: none; display: none; background: $panel; }
#filter.on { display: block; }
Drawer { height: 40%; border-top: solid $primary; display: none; padding: 0 1; }
Drawer.on { display: block; }
#foot { height: 1; background: $panel; color: $text-muted; }
PlanSheet, Help, Palette, Form { align: center middle; }
#sheet { width: 90%; min-width: 16; max-width: 120; height: auto; max-height: 90%; background: $surface;
    border: solid $primary; padding: 0 1; }
#sheet-title { text-style: bold; }
#sheet-note { color: $text-warning; height: auto; }
#sheet-steps { height: auto; max-height: 70vh; }
#sheet-parts { height: auto; max-height: 60vh; border: none; padding: 0; background: $surface; }
#sheet-answer { border: none; height: 1; background: $panel; }
.group { margin-bottom: 1; }
.label { color: $text-muted; }
.field { border: none; height: 1; background: $panel; }
#form-known { color: $text-muted; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
#sheet-line { color: $text-muted; }
#palette-words { border: none; height: 1; }
#palette-list { height: auto; max-height: 60vh; border: none; }
"""
