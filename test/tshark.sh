#!/usr/bin/env bash
# Makes a tshark that knows SAP's RFC (Wireshark 4.4 and later, which Debian 12
# lacks), once, and prints where it is. It is unpacked from Debian's suite sid
# beside the sandboxed Asterisk, is not installed, needs no root, and runs with
# its own libraries: 60 MB to fetch, 220 MB to keep, about 20 s.
set -euo pipefail

knows() { "$1" -G protocols 2>/dev/null | grep $'\tsaprfc\t' >/dev/null; } # -q would break the pipe

for have in "${STROWGER_TSHARK:-}" tshark; do
  if [[ -n $have ]] && knows "$have"; then
    echo "$have"
    exit 0
  fi
done
root=${STROWGER_CACHE:?}/tshark
if [[ -x $root/tshark ]] && knows "$root/tshark"; then
  echo "$root/tshark"
  exit 0
fi
for tool in apt-get dpkg-deb flock; do
  command -v "$tool" >/dev/null || { echo "no $tool: this is not a Debian machine" >&2; exit 1; }
done
mkdir -p "$STROWGER_CACHE"
exec 9>"$root.lock"
flock 9
if [[ -x $root/tshark ]] && knows "$root/tshark"; then # another run has made it meanwhile
  echo "$root/tshark"
  exit 0
fi
echo "making a tshark under $root (about 20 s, once)" >&2
part=$root.part
rm -rf "$root" "$part"
trap 'rm -rf "$part"' EXIT
mkdir -p "$part"/{apt/etc,apt/state/lists/partial,apt/cache/archives/partial,root}
: >"$part/apt/status"
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' | awk -v suite="$codename" '$1 ~ /^http/ && (mirror == "" || $2 == suite && !own) { mirror = $1; own = $2 == suite } END { print mirror }')
if [[ -z $mirror ]]; then
  echo "apt's configuration names no mirror (http or https), so there is none to fetch tshark from: add a source of Debian to it" >&2
  exit 1
fi
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$part/apt/etc/sources.list"
# A mirror may be a snapshot of long ago: its signature is checked, its age is not.
cat >"$part/apt/apt.conf" <<CONF
Dir::Etc "$part/apt/etc";
Dir::Etc::sourcelist "$part/apt/etc/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$part/apt/state";
Dir::State::status "$part/apt/status";
Dir::Cache "$part/apt/cache";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Debug::NoLocking "true";
CONF
export APT_CONFIG=$part/apt/apt.conf
log=$part/log
if ! { apt-get update && apt-get install -y --download-only tshark; } >"$log" 2>&1; then
  tail -n 5 "$log" >&2
  exit 1
fi
for deb in "$part"/apt/cache/archives/*.deb; do
  dpkg-deb -x "$deb" "$part/root"
done
rm -rf "$part/apt"
loader=$(cd "$part/root" && find usr/lib usr/lib64 -name 'ld-linux*.so.*' | head -n 1)
libraries=$(cd "$part/root" && dirname "$(find usr/lib -name 'libwireshark.so.*' | head -n 1)")
cat >"$part/tshark" <<RUN
#!/bin/sh
root=$root/root
export WIRESHARK_DATA_DIR=\$root/usr/share/wireshark WIRESHARK_PLUGIN_DIR=\$root/none WIRESHARK_CONFIG_DIR=\$root/none
exec "\$root/$loader" --library-path "\$root/$libraries" "\$root/usr/bin/tshark" "\$@"
RUN
chmod +x "$part/tshark"
mv "$part" "$root"
trap - EXIT
if ! knows "$root/tshark"; then
  echo "the suite's tshark does not run here: $("$root/tshark" --version 2>&1 | head -n 1)" >&2
  rm -rf "$root"
  exit 1
fi
echo "$root/tshark"
