# A login shell, such as RStudio's terminal, begins with the system's PATH: the person's own packages and the kernel's
# Python come first here as everywhere.
PATH=$SOLVENT_OVERLAY/bin:/opt/solvent/kernel/bin:$PATH
