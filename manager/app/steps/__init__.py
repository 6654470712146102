"""Carries out single steps: one function for each kind of action, found by the action's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core import actions as do
from manager.core import build_actions as judged
from manager.core.workspaces import CREATED

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.plan import Step


def execute(world: World, step: Step, progress: Progress) -> object:  # noqa: C901 - one line a kind
    """Carry out one step and give its result, which later steps find under the step's id."""
    # A launch waits for what is imported here, so it imports nothing that only builds need.
    from manager.app import usage
    from manager.app.steps import containers, delivery

    match step.do:
        case do.MakeNetwork() as action:
            world.engine.create_network(action.name, dict(action.labels))
        case do.RemoveNetwork() as action:
            world.engine.remove_network(action.name)
        case do.MakeVolume() as action:
            made = {CREATED: world.clock.now().isoformat(timespec="seconds")}
            world.engine.create_volume(action.name, dict(action.labels), made)
        case do.CreateEnvironment() as action:
            return containers.create(world, action, progress)
        case do.StartEnvironment() as action:
            return containers.start(world, action, progress)
        case do.DeliverConnections() as action:
            delivery.deliver(world, action, progress)
        case do.StopEnvironment() as action:
            world.engine.stop(action.container)
            usage.left(world, action.container)
        case do.ResumeEnvironment() as action:
            world.engine.resume(action.container)
        case do.ForgetEnvironment() as action:
            world.engine.remove(world.names.next(action.container))
        case do.RemoveContainer() as action:
            world.engine.remove(action.container)
            # What an upgrade that was cut short left beside it.
            world.engine.remove(world.names.next(action.container))
        case do.RemoveImage() as action:
            world.engine.remove_image(action.digest)
        case _:
            return _make(world, step, progress)
    return None


def _make(world: World, step: Step, progress: Progress) -> object:  # noqa: C901, PLR0911, PLR0912 - one line a kind
    from manager.app.steps import (
        bases,
        clones,
        host,
        images,
        locks,
        notices,
        proof,
        registry,
        sources,
        takeovers,
        trees,
    )

    match step.do:
        case do.KeepDefinition() | do.InstallOwn() | do.CreateSuccessor() | do.YieldPlace():
            return _upgrade(world, step, progress)
        case do.StartSuccessor() | do.TakePlace():
            return _upgrade(world, step, progress)
        case do.CloneWorkspace() as action:
            return clones.clone(world, action, progress)
        case do.TakeFiles() as action:
            return takeovers.take(world, action, progress)
        case do.RemoveVolume() as action:
            clones.remove(world, action)
        case do.MakeBase() as action:
            return bases.make_base(world, action, progress)
        case do.MakeTree() as action:
            return trees.make_tree(world, action, progress)
        case do.MakeImage() as action:
            return images.make_image(world, action, progress)
        case do.ProveBuild() as action:
            return proof.prove(world, action, progress)
        case do.MoveChannel() as action:
            return images.move_channel(world, action, progress)
        case action if isinstance(action, judged.BuildAction):
            _judge(world, step, progress)
        case do.TrustRegistry() as action:
            registry.trust(action, progress)
        case do.PushBuild() as action:
            return registry.push(world, action, progress)
        case do.PullBuild() as action:
            return registry.pull(world, action, progress)
        case do.AdoptBuild() as action:
            return registry.adopt(world, action, progress)
        case do.WriteLock() as action:
            return locks.write(world, action, progress)
        case do.StartSource() as action:
            return sources.start(world, action, progress)
        case do.StopSource() as action:
            sources.stop(world, action, progress)
        case do.SendNotices() as action:
            return notices.send(world, action, progress)
        case do.ResendNotices() as action:
            return notices.send_again(world, action, progress)
        case do.ShowMessages() as action:
            return notices.show(world, action, progress)
        case do.Announce() as action:
            world.store.announcements.announce(action.new, action.expected)
        case do.InstallPackages() as action:
            host.install(world, action, progress)
        case do.StartEngine():
            return host.start_engine(world, progress)
    return None


def _upgrade(world: World, step: Step, progress: Progress) -> object:
    from manager.app.steps import upgrades

    match step.do:
        case do.InstallOwn() as action:
            return upgrades.install(world, action, progress)
        case do.CreateSuccessor() as action:
            return upgrades.create(world, action, progress)
        case do.YieldPlace() as action:
            upgrades.yield_place(world, action)
        case do.StartSuccessor() as action:
            return upgrades.start(world, action, progress)
        case do.TakePlace() as action:
            upgrades.take_place(world, action)
    # A definition is kept by writing down that it is.
    return None


def _judge(world: World, step: Step, progress: Progress) -> None:
    from manager.app import deciding
    from manager.app.steps import fates

    match step.do:
        case judged.Decide() as action:
            deciding.decided(world, action.decision, write=True)
        case judged.JudgeBuild() as action:
            fates.judge(world, action)
        case judged.EmptyChannel() as action:
            fates.empty(world, action)
        case judged.PruneBuild() as action:
            fates.prune(world, action, progress)
        case judged.RemoveCached() as action:
            fates.remove_cached(world, action)
