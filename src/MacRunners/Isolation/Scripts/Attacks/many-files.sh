#!/bin/bash
# title: Very many files
# case: 34
# tries: to make teardown take for ever
# holds: the account is proven gone at once; the files go behind
# needs: perl
# shellcheck disable=SC2016

perl -e '
	my ($files, $home) = @ARGV;
	mkdir "$home/many"; chdir "$home/many";
	for my $number (1 .. $files) {
		mkdir "folder" . int($number / 100) if $number % 100 == 0;
		open my $file, ">", ($number % 2 ? "" : "folder" . int($number / 100) . "/") . "file$number";
	}' "$FILES" "$HOME"
finish
