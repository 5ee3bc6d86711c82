#!/bin/bash
# title: Names that no program expects
# case: 35 78
# tries: to be mistaken for an option, another path, a second line or a command to the terminal
# holds: removed; the report and the log show them harmlessly
# needs: perl
# leaves: files
# shellcheck disable=SC2016

perl -e '
	my ($home, $mark) = @ARGV;
	my @names = (
		"-rf", "--help", "-", "~", "...", ". .", " ", "  x  ", "*", "?", "[a", "\x27\x22`\$(touch evil)`", "\$HOME", "a\\b", "%s%n", "a;b|c&d",
		"two\nlines", "\nUid:\t0", "tab\there", "bell\a", "\e[2J\e]0;title\a", "return\rhere", "\x7f", "e\xcc\x81", "\xc3\xa9", "\xf0\x9f\x92\xa3",
		"\xe2\x80\xae\x67\x6e\x70", "x" x 255, "\xff\xfe", "\xc3", "\xed\xa0\x80", "con", "\$(id)", "a" x 200 . "\n");
	mkdir "/tmp/$mark-odd"; mkdir "$home/odd";
	for my $folder ("/tmp/$mark-odd", "$home/odd") {
		chdir $folder or next;
		for my $name (@names) {
			open my $file, ">", "./$name";
			mkdir "./$name-folder" and open my $inner, ">", "./$name-folder/$name";
		}
	}
	chdir "/tmp";
	for my $name ("-rf $mark", "$mark\nsecond line", "$mark \e[2J", "$mark\xff", "$mark" . "x" x (255 - length $mark)) { open my $file, ">", "./$name" }' "$HOME" "$MARK"
finish
