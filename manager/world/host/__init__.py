"""The machine: what it has, what it lacks, and how Solvent installs and starts it where it may."""

from manager.world.host.answering import DEFAULT_ADDRESS, Answer, ping
from manager.world.host.daemon import EnginePlace, start_engine
from manager.world.host.looking import Host, look
from manager.world.host.needs import Need, by_hand, permit, plan
from manager.world.host.packages import install

__all__ = [
    "DEFAULT_ADDRESS",
    "Answer",
    "EnginePlace",
    "Host",
    "Need",
    "by_hand",
    "install",
    "look",
    "permit",
    "ping",
    "plan",
    "start_engine",
]
