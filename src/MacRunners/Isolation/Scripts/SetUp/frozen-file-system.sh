#!/bin/bash
# shellcheck disable=SC2016
# Mounts a FUSE file system in the home as fusermount, which is set-user-id, would for the job. Its server has the job's number and takes a
# question of a child of its own, which holds its descriptor, too: as long as that waits, the kernel does not see that nobody will answer.
uid=$3 ground=${4%/*} folder=$2/workspace/frozen

case "$1" in
prepare)
	[ "$(uname -s)" = Linux ] || skip "FUSE is Linux's"
	[ -c /dev/fuse ] || skip "this kernel offers no FUSE (/dev/fuse)"
	number=$(system_call mount)
	[ -n "$number" ] || skip "the number of mount(2) is not known here"
	mkdir "$folder" && chown "$uid:$uid" "$folder" || exit 1
	perl -MPOSIX -MFcntl -e '
		my ($number, $folder, $uid) = @ARGV;
		sysopen my $fuse, "/dev/fuse", O_RDWR or exit 2;
		my ($source, $type, $options) = ("frozen", "fuse", "fd=" . fileno($fuse) . ",rootmode=40000,user_id=$uid,group_id=$uid,allow_other");
		syscall($number, $source, $folder, $type, 6, $options) == 0 or exit 2;

		pipe my $until, my $stuck;
		exit(<$until> ? 0 : 1) if fork and close $stuck;
		POSIX::setsid();
		open STDIN, "<", "/dev/null";
		open STDOUT, ">", "/dev/null";
		open STDERR, ">", "/dev/null";
		for my $other (3 .. 255) { POSIX::close($other) unless $other == fileno $fuse || $other == fileno $stuck }
		$( = $) = "$uid $uid";
		POSIX::setuid($uid);

		sysread $fuse, my $question, 1 << 18;
		my (undef, undef, $unique) = unpack "LLQ", $question;
		syswrite $fuse, pack("LlQ LLLLSSL", 40, 0, $unique, 7, 22, 65536, 0, 12, 9, 65536);
		if (!fork) {
			close $stuck;
			stat "$folder/file";
			exit;
		}
		sysread $fuse, $question, 1 << 18;
		syswrite $stuck, "stuck\n";
		close $stuck;
		sleep 600;' "$number" "$folder" "$uid"
	case $? in
	0) awk -v folder="$folder" '$5 == folder { split($3, device, ":"); print device[2] }' /proc/self/mountinfo >"$ground/connection" ;;
	2) skip "FUSE cannot be mounted here" ;;
	*) exit 1 ;;
	esac
	;;
undo)
	if [ -s "$ground/connection" ]; then
		connections=$(mktemp -d)
		connection=$connections/$(cat "$ground/connection")
		if mount -t fusectl none "$connections"; then
			# The number may be somebody else's by now.
			if [ "$(stat -c %u "$connection" 2>/dev/null)" = "$uid" ]; then echo 1 >"$connection/abort"; fi
			umount "$connections"
		fi
		rmdir "$connections"
	fi
	if grep -qF " $folder " /proc/self/mountinfo; then umount -l "$folder"; fi
	;;
esac
