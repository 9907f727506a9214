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
# svcutil names types after their XML namespace. Of the usual one it makes Aspect.CTIPS, as the client is written.
types=$(sed -n 's/^ *\([A-Za-z0-9_.]*\)\.SessionObject OpenConnection(.*/\1/p' AgentCallService.cs | head -n 1)
sed "s/::Aspect\.CTIPS/::$types/g" "$here/Client.cs" >Client.cs
mcs -out:client.exe $lib -r:Svc=AgentCallService.dll -r:Cb=PublishEvents.dll Client.cs
