# tools/apt-private.sh: sourced by the scripts that fetch packages. Sets up apt in a folder of its
# own, from the Debian archive that this machine's own apt is set to: neither dpkg's architectures
# nor apt's lists are changed, and root is not needed.
#
#   apt_private_open DIR TYPE ARCHITECTURE [SUITE]
#                                             TYPE is deb or deb-src; SUITE another than the machine's
#   apt_private TOOL ARGUMENT...              apt-get, apt-cache with that state
#   apt_private_source PACKAGE PINS           its one upstream tarball into DIR, checked by the first line of
#                                             PINS; prints its name
#   apt_private_close                         removes it

# apt_private_targets TYPE APT-OPTION...: the archive's places, one a line as sources.list has them.
apt_private_targets() {
    type=$1
    shift
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    signed=
    [ -e $keyring ] && signed="[signed-by=$keyring] "
    apt-get "$@" indextargets 'Created-By: Packages' 'Origin: Debian' 'Component: main' \
        --format "$type $signed\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" | sort -u
}

apt_private_open() {
    mkdir -p "$1/apt/lists/partial" "$1/apt/cache/archives/partial" "$1/apt/own/partial"
    apt_dir=$(cd "$1/apt" && pwd)
    apt_architecture=$3
    apt_private_targets "$2" >"$apt_dir/sources.list"
    # apt knows who Origin is only from lists; a machine may have thrown its own away.
    if [ ! -s "$apt_dir/sources.list" ]; then
        apt-get -q -o "Dir::State::lists=$apt_dir/own" -o "APT::Sandbox::User=$(id -un)" update >&2
        apt_private_targets "$2" -o "Dir::State::lists=$apt_dir/own" >"$apt_dir/sources.list"
    fi
    if [ ! -s "$apt_dir/sources.list" ]; then
        echo "${0##*/}: apt is not set to a Debian archive" >&2
        return 1
    fi
    if [ -n "${4:-}" ]; then
        # The main suite alone: a release's updates and security archives have names with a dash.
        sed -E "/ [a-z]+-[a-z]+ /d; s/ [a-z]+ main\$/ $4 main/" "$apt_dir/sources.list" >"$apt_dir/suite.list"
        mv "$apt_dir/suite.list" "$apt_dir/sources.list"
    fi
    apt_private apt-get update >&2
}

apt_private_source() {
    read -r _ tarball <"$2"
    (cd "$apt_dir/.." && apt_private apt-get source --download-only --tar-only "$1" >&2) || {
        echo "${0##*/}: apt has no source package $1" >&2
        return 1
    }
    [ -e "$apt_dir/../$tarball" ] || {
        echo "${0##*/}: the archive has another $1 than $tarball ($(cd "$apt_dir/.." && echo "$1"_*)): pin that one in ${2##*/}" >&2
        return 1
    }
    (cd "$apt_dir/.." && sha256sum --check --quiet >&2) <"$2" || {
        echo "${0##*/}: $tarball is not the one that is pinned" >&2
        return 1
    }
    echo "$tarball"
}

# The sandbox user of apt could not read below DIR; what is fetched is checked by signature and pin.
apt_private() {
    tool=$1
    shift
    "$tool" -q -o "Dir::Etc::sourcelist=$apt_dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o "Dir::State::lists=$apt_dir/lists" -o Dir::State::status=/dev/null -o "Dir::Cache=$apt_dir/cache" \
        -o "APT::Architecture=$apt_architecture" -o "APT::Architectures=$apt_architecture" \
        -o Acquire::Languages=none -o "APT::Sandbox::User=$(id -un)" "$@"
}

apt_private_close() {
    rm -rf "${apt_dir:?}"
}
