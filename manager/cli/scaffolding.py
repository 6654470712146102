"""Shows what became of a recipe: the file on stdout, what was taken and what was left on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.secrecy import shown

if TYPE_CHECKING:
    from manager.app.scaffolds import Draft
    from manager.cli.session import Session
    from manager.core.catalog import Place
    from manager.core.recipes.notes import Left


def show(session: Session, draft: Draft) -> None:
    """Show a draft: its path when it was written, its text when it was not; the report unless it should be quiet."""
    written = session.options.purpose == "apply"
    told = not session.output.structured and not session.options.quiet
    if told:
        _report(session, draft)
    document = {"scaffold": draft.to_json() | {"written": written}}
    session.output.file(document, str(draft.path), draft.text, written=written)
    if told:
        steps = draft.next if written else ("the same without  --dry-run", *draft.next)
        session.terminal.note("next:\n" + "\n".join(f"  {one}" for one in steps))


def _report(session: Session, draft: Draft) -> None:
    one, line, paint = draft.scaffold, session.terminal.line, session.terminal.paint
    line(paint(f"{one.name} from {shown(one.recipe)}: Python {one.python} on {one.system}", "bold"))
    yours = tuple(each for each in one.left if each.whose == "you")
    places = [*(each.place for each in one.taken), *(each.place for each in yours)]
    width = max(map(len, map(_at, places)), default=0)
    if one.taken:
        line(f"taken ({len(one.taken)})")
    for each in one.taken:
        assumed = f"    {paint('assumed:', 'yellow')} {shown(each.assumed)}" if each.assumed else ""
        line(f"  {_at(each.place):<{width}}  {each.key:<15}  {shown(str(each))}{assumed}")
    if yours:
        line(paint(f"left to you ({len(yours)})", "yellow"))
    for left in yours:
        line(f"  {_at(left.place):<{width}}  {left.text}")
        line(f"  {'':<{width}}    {left.why}" + (f"; {left.instead}" if left.instead else ""))
    ours = tuple(each for each in one.left if each.whose == "solvent")
    if ours:
        line(f"not needed ({len(ours)}): {', '.join(map(_short, ours))}")


def _at(place: Place) -> str:
    return shown(str(place) if place.line else place.file, longest=60)


def _short(left: Left) -> str:
    """Name what is nobody's concern by its first words and its line."""
    words = " ".join(left.text.split()[:2])
    return f"{words} ({left.place.line})"
