#!/bin/sh
# Compiles contract.cs and writes the schemas that Mono makes of it, and order.txt, into DIR (default: here).
# Needs mono-mcs, mono-runtime, mono-devel, libmono-system-servicemodel4.0a-cil.
#   export.sh [DIR]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
mcs -target:library -out:"$build/contract.dll" -r:System.ServiceModel -r:System.Runtime.Serialization "$here/contract.cs"
mcs -out:"$build/export.exe" -r:"$build/contract.dll" -r:System.ServiceModel -r:System.Runtime.Serialization -r:System.Xml -r:System.Web.Services "$here/Export.cs"
mkdir -p "$build/out"
mono "$build/export.exe" "$build/out"
# The schema of simple types is the same in every export, and descriptions come from the table.
rm -f "$build"/out/*.wsdl "$build"/out/*-serialization.xsd
mkdir -p "$out"
cp "$build"/out/* "$out/"
