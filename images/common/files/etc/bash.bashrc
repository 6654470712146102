# Read by every interactive bash, in the place of Debian's: what a terminal needs, and what Solvent has to say.

[ -z "$PS1" ] && return

shopt -s checkwinsize
PS1='\u@\h:\w\$ '

# That the release of this environment ends, and what comes after it. Solvent puts it there.
if [ -s /run/solvent/notices/message ]; then
    printf '\033[1;33m%s\033[0m\n\n' "$(</run/solvent/notices/message)"
fi
