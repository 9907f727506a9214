"""Calls function modules with zeep from the switch's own description.

Usage: zeep_client.py WSDL_URL
Reads one JSON object per line, {"function": NAME, "params": {...}}, and prints
the answer as one JSON line: {"result": ...} or {"fault": TEXT}. First it prints
the operations that the description has.
"""
import json
import sys

import zeep
import zeep.exceptions
import zeep.helpers

client = zeep.Client(sys.argv[1])
service = client.service
print(json.dumps({"operations": sorted(service._operations)}), flush=True)
for line in sys.stdin:
    call = json.loads(line)
    try:
        result = zeep.helpers.serialize_object(service[call["function"]](**call["params"]), dict)
        answer = {"result": result}
    except zeep.exceptions.Fault as fault:
        answer = {"fault": str(fault.message)}
    print(json.dumps(answer, sort_keys=True, default=str), flush=True)
