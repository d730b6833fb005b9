#!/bin/sh
# Every gate, or those of GATES, as the TAP report of one run. TAP::Parser knows version 13 at most, of
# which what is used of 14 is a part.
folder=$(mktemp -d) || exit
HARNESS_HISTORY='' "${HARNESS:-build/harness}" run -j 2 --out "$folder/out" --journal "$folder/journal" --tap "$folder/tap" ${GATES:-gates} >/dev/null
status=$?
sed '1s/14/13/' "$folder/tap"
rm -rf "$folder"
exit $status
