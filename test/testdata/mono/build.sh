#!/bin/sh
# Makes DIR/client.exe, a WCF client and callback host: svcutil reads the two descriptions of the server at URL.
#   build.sh http://127.0.0.1:8731/CTIPS DIR
# Needs mono-mcs, mono-runtime, mono-devel, libmono-system-servicemodel4.0a-cil.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$2"
lib="-r:System.ServiceModel -r:System.Runtime.Serialization"
# Both have types of the same names, so that each becomes an assembly of its own.
for s in AgentCallService PublishEvents; do
  svcutil "$1/$s?wsdl" "/out:$s.cs" /noLogo
  mcs -nowarn:0219,0169,0649 -target:library "-out:$s.dll" $lib "$s.cs"
done
mcs -out:client.exe $lib -r:Svc=AgentCallService.dll -r:Cb=PublishEvents.dll "$here/Client.cs"
