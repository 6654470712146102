"""Carries out single steps: one function for each kind of action, found by the action's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core import actions as do
from manager.core import build_actions, bundle_actions, check_actions, upgrade_actions
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
        case _:
            return _make(world, step, progress)
    return None


def _make(world: World, step: Step, progress: Progress) -> object:  # noqa: C901, PLR0911, PLR0912 - one line a kind
    from manager.app.steps import clones, host, notices, sources, takeovers

    match step.do:
        case action if isinstance(action, build_actions.BuildAction):
            return _build(world, action, progress)
        case action if isinstance(action, upgrade_actions.UpgradeAction):
            return _upgrade(world, action, progress)
        case check_actions.MakeSet() as action:
            from manager.app.checking import cell

            return cell.make_set(world, action, progress)
        case check_actions.CheckCell() as action:
            from manager.app.checking import cell

            return cell.check_cell(world, action, progress)
        case bundle_actions.LoadPart() as action:
            from manager.app import unpacking

            return unpacking.load(world, action, progress.say)
        case do.CloneWorkspace() as action:
            return clones.clone(world, action, progress)
        case do.TakeFiles() as action:
            return takeovers.take(world, action, progress)
        case do.RemoveVolume() as action:
            clones.remove(world, action)
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


def _build(  # noqa: C901, PLR0911, PLR0912 - one line a kind
    world: World, action: build_actions.BuildAction, progress: Progress
) -> object:
    from manager.app import deciding
    from manager.app.steps import bases, fates, images, locks, proof, registry, trees

    match action:
        case build_actions.MakeBase():
            return bases.make_base(world, action, progress)
        case build_actions.MakeTree():
            return trees.make_tree(world, action, progress)
        case build_actions.MakeImage():
            return images.make_image(world, action, progress)
        case build_actions.ProveBuild():
            return proof.prove(world, action, progress)
        case build_actions.MoveChannel():
            return images.move_channel(world, action, progress)
        case build_actions.TrustRegistry():
            registry.trust(action, progress)
        case build_actions.PushBuild():
            return registry.push(world, action, progress)
        case build_actions.PullBuild():
            return registry.pull(world, action, progress)
        case build_actions.AdoptBuild():
            return registry.adopt(world, action, progress)
        case build_actions.RemoveImage():
            world.engine.remove_image(action.digest)
        case build_actions.WriteLock():
            return locks.write(world, action, progress)
        case build_actions.PutLock():
            return locks.put(world, action)
        case build_actions.Decide():
            deciding.carried_out(world, action.decision)
        case build_actions.JudgeBuild():
            fates.judge(world, action)
        case build_actions.EmptyChannel():
            fates.empty(world, action)
        case build_actions.PruneBuild():
            fates.prune(world, action, progress)
        case build_actions.RemoveCached():
            fates.remove_cached(world, action)
    return None


def _upgrade(world: World, action: upgrade_actions.UpgradeAction, progress: Progress) -> object:
    from manager.app.steps import upgrades

    match action:
        case upgrade_actions.KeepDefinition():
            pass  # A definition is kept by writing down that it is.
        case upgrade_actions.InstallOwn():
            return upgrades.install(world, action, progress)
        case upgrade_actions.CreateSuccessor():
            return upgrades.create(world, action, progress)
        case upgrade_actions.YieldPlace():
            upgrades.yield_place(world, action)
        case upgrade_actions.StartSuccessor():
            return upgrades.start(world, action, progress)
        case upgrade_actions.TakePlace():
            upgrades.take_place(world, action)
    return None
