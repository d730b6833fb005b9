#!/bin/sh
# Every gate, as the TAP report of one run. TAP::Parser knows version 13 at most, of which what is
# used of 14 is a part.
tap=$(mktemp) || exit
"${HARNESS:-build/harness}" run -j 2 --tap "$tap" gates >/dev/null
status=$?
sed '1s/14/13/' "$tap"
rm -f "$tap"
exit $status
