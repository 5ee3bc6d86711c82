#!/bin/bash
# title: Groups, limits and priority
# case: 72 73 74
# tries: nothing: looks at what it was given
# holds: no group of root or administrators, bounded processes, enough descriptors, no core files, private files, no priority
# refuses: groups limits
# shellcheck disable=SC2016

for group in $(id -Gn); do
	case "$group" in
	root | wheel | admin | sudo | adm | disk | docker | shadow | staff | daemon | operator | kmem | _developer) breach "it is in the group $group" ;;
	esac
done
for group in $(id -G); do [ "$group" -ge 10 ] || breach "it is in the group number $group"; done
refused groups
[ "$(ulimit -u)" != unlimited ] || breach "processes are not limited"
[ "$(ulimit -Hc)" = 0 ] || breach "core files are allowed: $(ulimit -Hc)"
[ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge 1024 ] || breach "only $(ulimit -n) descriptors"
[ "$(umask)" = 0077 ] || breach "umask $(umask)"
[ "$(nice)" -ge 0 ] || breach "nice $(nice)"
(ulimit -Hu unlimited) 2>/dev/null && breach "the limit of processes can be raised"
(ulimit -Hc unlimited) 2>/dev/null && breach "the limit of core files can be raised"
nice -n -5 true 2>&1 | grep -q . || breach "the priority can be raised"
refused limits
[ "$(id -un)" = "$USER" ] || breach "USER is $USER, but it is $(id -un)"
case "$(logname 2>/dev/null)" in '' | "$USER") ;; *) breach "the login name is $(logname)" ;; esac
finish
