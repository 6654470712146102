"""From an action to what is agreed to: its form, its plan, and its errand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from manager.tui.messages import Offered
from manager.tui.seen import Seen

if TYPE_CHECKING:
    from manager.tui.action import Action, Rows, Written
    from manager.tui.errand import Errand


class Planning(Seen):
    """The app with the plans that it shows before anything changes."""

    @property
    def idle(self) -> bool:
        """Say whether a screen may come by itself: nothing lies over the lists, and nobody types a filter."""
        return len(self.screen_stack) == 1 and not self.query_one("#filter", Input).has_class("on")

    async def _ask_for(self, action: Action) -> None:
        """Ask what an action has to know, and plan it."""
        rows = action.chosen(self.table.chosen)
        if not action.fields:
            await self._plan(action, rows, {})
        else:
            await self._fill(action, rows, {})

    async def _fill(self, action: Action, rows: Rows, before: Written, why: str = "") -> None:
        """Have a form filled in; what was written ``before`` stands in it, and ``why`` it is there again above it."""
        from manager.tui.form import Form

        async def written(said: dict[str, str] | None) -> None:
            if said is not None:
                await self._plan(action, rows, said)

        title = " ".join([action.label, *(row.name for row in rows)])
        about = why or (action.about(rows[0]) if action.about and rows else "")
        # What is typed from now on is for the form.
        form = Form(title, action.fields, before, about)
        await self.push_screen(form, written)
        asked = {one.option: one.known for one in action.fields if one.known}
        if asked:
            self._desk.ask(
                "known",
                lambda manager: Offered(form, {option: tuple(known(manager, rows)) for option, known in asked.items()}),
                # A form is filled in without help as well.
                lambda _error: Offered(form, {}),
            )

    def on_offered(self, message: Offered) -> None:
        """Offer what fits, where the form is still there."""
        if message.form.is_attached:
            message.form.offer(message.known)

    async def _plan(
        self, action: Action, rows: Rows, said: Written, note: str = "", without: tuple[str, ...] = ()
    ) -> None:
        """Have a plan made, and show it with a note above it, and without some of its steps."""
        from manager.tui.errand import Errand
        from manager.tui.plan_sheet import PlanSheet

        title = " ".join([action.label, *(row.name for row in rows[:3]), *(["..."] if len(rows) > 3 else [])])
        assert action.plan is not None
        making = action.plan
        errand = Errand(
            title,
            (*action.command(rows, said), *self._besides),
            lambda manager: making(manager, rows, said),
            self._opener,
            self.post_message,
            action.carry,
        )
        forbidden = self.forbidden if action.changes else ""
        sheet = PlanSheet(errand, forbidden=forbidden, note=note, parts=action.parts, without=without)
        self._sheets[errand.number] = sheet
        self._asked[errand.number] = action, rows, said

        async def answered(go: bool | None) -> None:
            self._answered(errand, sheet.without, go=bool(go))
            if sheet.refused and action.fields:
                # Nothing of what was written is lost.
                await self._fill(action, rows, said)

        await self.push_screen(sheet, answered)
        errand.start()

    async def _anew(self, errand: Errand, why: str) -> None:
        """Show a plan as it is by now, since somebody else has acted in between; not over what one is doing."""
        if self.idle and (asked := self._asked.get(errand.number)):
            note = f"nothing was done, since it has changed: {why}\nas it is now:"
            await self._plan(*asked, note=note, without=errand.without)

    def _answered(self, errand: Errand, without: tuple[str, ...], *, go: bool) -> None:
        self._sheets.pop(errand.number, None)
        if not go:
            self._asked.pop(errand.number, None)
            errand.drop()
            return
        from manager.tui.activity import Record

        self.records.append(Record(errand))
        errand.go(without)
        self.notify(f"{errand.title}: begun; o shows how far it is", markup=False)
        self._show_activity()
