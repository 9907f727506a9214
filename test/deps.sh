#!/usr/bin/env bash
# Installs what the tests use and the machine lacks. Where it cannot, it says
# so and goes on: the tests then skip their layer loudly (and fail on CI).
set -euo pipefail

missing=()
need() { # package, and a command that succeeds when it is there
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}

need gcc command -v gcc # for the race detector
need libc6-dev test -e /usr/include/stdlib.h
need sip-tester command -v sipp
need baresip command -v baresip
# Debian's packages are for Debian's Python, which need not be the first in PATH.
need python3-zeep /usr/bin/python3 -c 'import zeep'
need espeak-ng command -v espeak-ng # speaks what answer classification is judged on
need php-cli command -v php
need php-soap php -r 'exit(extension_loaded("soap") ? 0 : 1);'
need iproute2 command -v ss
need postgresql bash -c 'command -v postgres || ls /usr/lib/postgresql/*/bin/postgres'
# A WCF client and host: mcs, svcutil, and the libraries that they need.
need mono-mcs command -v mcs
need mono-runtime command -v mono
need mono-devel command -v svcutil
need ca-certificates-mono command -v cert-sync
need libmono-system-servicemodel4.0a-cil test -e /usr/lib/mono/4.5/System.ServiceModel.dll
need slapd command -v slapd
need gsoap command -v soapcpp2
need libxml2-utils command -v xmllint
need debootstrap bash -c 'command -v debootstrap || command -v asterisk || test -e /usr/sbin/asterisk'

if [[ ${#missing[@]} -eq 0 ]]; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "not installed: ${missing[*]} (this machine has no apt-get: install them by its own means)"
  exit 0
fi
if [[ $(id -u) -ne 0 ]]; then
  echo "not installed: ${missing[*]}. Run as root: apt-get update && apt-get install ${missing[*]}"
  exit 0
fi
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Tests start a PostgreSQL of their own: the package need not make and start one.
if [[ " ${missing[*]} " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
  mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
# Nor a directory.
if [[ " ${missing[*]} " == *" slapd "* ]] && command -v debconf-set-selections >/dev/null; then
  echo "slapd slapd/no_configuration boolean true" | debconf-set-selections
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get -o DPkg::Lock::Timeout=120 update && apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log"
  echo "apt-get failed: the tests that need ${missing[*]} will be skipped"
fi
