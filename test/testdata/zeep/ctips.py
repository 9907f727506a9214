#!/usr/bin/python3
"""A CTIPS client with zeep, and the callback service that it has to offer: ctips.py SERVICEURL CALLBACKURL
Obeys the commands of testdata/mono/Client.cs and writes the same JSON lines. A callback is read with the description of
the callback service, strictly: a member that it does not have is an error."""
import json, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit
import zeep
from lxml import etree

SERVICE, CALLBACK = sys.argv[1], sys.argv[2]
gate = threading.Lock()
service = zeep.Client(SERVICE + '?wsdl')
callback = zeep.Client(SERVICE.rsplit('/', 1)[0] + '/PublishEvents?wsdl')
asked, told = service.service._binding._operations, callback.service._binding._operations
session, tenant, replies, calls = None, 1, 0, 0


def line(**fields):
    with gate:
        print(json.dumps(fields), flush=True)


def plain(value):
    """A value of zeep's as JSON has it: an array is a list. What is nil zeep reads as an object without anything."""
    if hasattr(value, '__values__'):
        fields = {k: plain(v) for k, v in value.__values__.items()}
        if not any(v not in (None, []) for v in fields.values()):
            return None
        return next(iter(fields.values())) if type(value).__name__.startswith('ArrayOf') else fields
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


class Callback(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def do_POST(self):
        global calls
        body = etree.fromstring(self.rfile.read(int(self.headers['Content-Length'])))
        wrapper = body.find('{http://schemas.xmlsoap.org/soap/envelope/}Body')[0]
        name, status = etree.QName(wrapper).localname, 200
        with gate:
            calls += 1
            n = calls
        try:
            if self.headers['SOAPAction'] != '"%s"' % told[name].soapaction:
                raise ValueError('SOAPAction ' + self.headers['SOAPAction'])
            expected = told[name].input.body
            if wrapper.tag != expected.qname.text:
                raise ValueError('called with ' + wrapper.tag)
            got = expected.parse(wrapper, callback.wsdl.types)
            if name == 'PublishCTIEvent':
                line(event=type(got.event).__name__, n=n, **plain(got.event))
            elif name == 'HeartbeatMessage':
                line(heartbeat=n)
            else:
                line(startsession=got.sessionId, **plain(got.userinfo))
            result = '' if name == 'PublishCTIEvent' else '<%sResult>0</%sResult>' % (name, name)
            answer = '<%sResponse xmlns="%s">%s</%sResponse>' % (name, expected.qname.namespace, result, name)
        except Exception as e:
            line(unread=name, text=repr(e))
            status, answer = 500, '<s:Fault><faultcode>s:Client</faultcode><faultstring>not read</faultstring></s:Fault>'
        data = ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>' % answer).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'text/xml; charset=utf-8')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def typed(kind, text):
    """A word of a command as its type wants it."""
    if kind.name.startswith('ArrayOf'):
        item, element = kind.elements[0]
        if text == 'null':
            return None
        return {item: [typed(element.type, t) for t in text.split(',')] if text else []}
    if kind.name == 'int':
        return int(text)
    if kind.name == 'boolean':
        return text == 'true'
    return None if text == 'null' else text


def do(words):
    global session, replies
    replies += 1
    op = words[0]
    kinds = dict(asked[op].input.body.type.elements[0][1].type.elements)
    args = {}
    if 'SessionId' in kinds:
        args['SessionId'] = session
    if 'TenantId' in kinds:
        args['TenantId'] = tenant
    if op == 'OpenConnection':
        args = {'ClientCallbackURL': CALLBACK, 'TenantIds': {'int': [tenant]}, 'UserCredentials': {}}
    for word in words[1:]:
        key, _, text = word.partition('=')
        text = unquote(text)
        if key in ('UserName', 'Password'):
            args['UserCredentials'][key] = text
        else:
            args[key] = typed(kinds[key].type, text)
    try:
        result = plain(service.service[op](args))
    except zeep.exceptions.Fault as f:
        line(reply=replies, op=op, fault={'kind': 'Fault', 'code': f.code.rsplit(':', 1)[-1], 'text': f.message})
        return
    if op == 'OpenConnection' and result['Status'] == 0:
        session = result['SessionId']
    line(reply=replies, op=op, result=result)


at = urlsplit(CALLBACK)
server = ThreadingHTTPServer((at.hostname, at.port), Callback)
threading.Thread(target=server.serve_forever, daemon=True).start()
line(ready=True)
for command in sys.stdin:
    words = command.split()
    if not words:
        continue
    if words[0] == 'quit':
        break
    if words[0] == 'tenant':
        tenant = int(words[1])
    elif words[0] == 'session':
        session = words[1]
    else:
        do(words)
line(bye=True)
