# A login shell begins with the system's PATH, and VS Code asks one for the environment of its terminals: the person's
# own packages and the kernel's Python come first here as everywhere, the IDE's commands last.
PATH=$SOLVENT_OVERLAY/bin:/opt/solvent/kernel/bin:/opt/solvent/ide/bin:$PATH
