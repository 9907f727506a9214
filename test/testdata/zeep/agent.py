"""A CRM agent's session over ICI, written with zeep: a real SOAP client for tests.

Usage: agent.py URL USER [--auth NAME:PASSWORD] [--ca FILE] [--sink HOST] [--workmode N]

URL is the base URL of the interface (http://127.0.0.1:8181/OII/OII.asmx). The
descriptions are loaded from the server itself. USER is logged in as a CRM does:
attributes, subscriptions to the user and the phone line, work mode (default 2,
ready; 0 leaves it alone). A small HTTP server receives the events.

Every line on stdout is a JSON object:
  {"ready": true, "user": ..., "line": "+101", "sink": "http://..."}      once, after the login
  {"event": "phoneCallChanged", "handle", "line", "status", "processing", "capabilities",
   "remote", "dialed", "inbound", "internal", "data", "appIds"}           status ids are numbers
  {"event": "userChanged", "user", "workmode", "queues"}
  {"event": "containerChanged", "line", "status"}, {"event": "subscriptionEnded", "reason"}
  {"event": "monitorDataChanged", "form": {INSTANCE: {FIELD: VALUE}}}
  {"reply": ID, "op": ..., "result": ...}                                 or "fault": {"area", "code", "text", "retry"}
  {"broken": ...}                                                         a message that cannot be read

Every line on stdin is a command: {"id": 1, "op": "accept", "handle": "..."}.
  accept reroute wrapUpRequired wrapUpEnded getAttachedData deleteAttachedData  handle
  setAttachedData            handle, data
  hold unhold drop getAttributes   handle, and line where it is not the agent's own
  create                     an item on the agent's line
  dial                       handle, number
  consult                    handle, other, number: handle is created, other waits
  transfer reconnect alternate conference   handle, other: handle is active, other on hold
  forward                    handle, type (1 number, 12 queue), number
  dropParty                  handle, number
  sendDTMF                   handle, digits
  getCalls dropCalls         line where it is not the agent's own
  setWorkmode                workmode
  watch                      form, interval: subscribes to all of it, and answers with the ids of its fields and instances
  setQueues                  queues: a list of their numbers
  getUser productInformation quit
Replies and events are written in the order in which they come.
"""
import argparse
import http.server
import json
import sys
import threading

import lxml.etree
import requests
import zeep
import zeep.exceptions
import zeep.helpers

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
EVENTS = "urn:IciEventInterface"
INTERFACES = ("System", "User", "Container", "Item", "PhoneLine", "PhoneCall", "Monitor")

out_lock = threading.Lock()


def emit(**fields):
    with out_lock:
        print(json.dumps(fields, sort_keys=True), flush=True)


def number(element):
    return int(element["id"])


def items(value):
    """zeep gives an array as a list or as an object with one list."""
    if isinstance(value, dict):
        value = next(iter(value.values()))
    return value or []


def told(name, body):
    """An event as the flat object that is printed."""
    if name == "phoneCallChanged":
        call = body["phoneCall"]
        return dict(
            handle=call["callHandle"], line=call["lineNumber"], status=number(call["callStatus"]),
            processing=number(call["processingStatus"]), capabilities=items(call["capabilityList"]),
            remote=items(call["remoteNumbers"]), dialed=call["dialedNumber"], inbound=call["inbound"],
            internal=call["internal"], data=call["attachedData"], appIds=items(body["appIds"]))
    if name == "userChanged":
        user = body["user"]
        return dict(user=user["userId"], workmode=number(user["currentWorkmode"]), queues=[q["id"] for q in items(user["currentQueues"])])
    if name == "monitorDataChanged":
        form = lxml.etree.fromstring(body["dataForm"])
        return dict(form={i.get("id"): {f.get("id"): f.text or "" for f in i.findall("field")} for i in form.findall("instance")})
    if name == "containerChanged":
        return dict(line=body["containerId"], status=number(body["containerStatus"]))
    return dict(reason=number(body["reason"]))


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        with self.server.answering:  # the end of the program waits for it
            self.server.open += 1
        try:
            self.receive()
        finally:
            with self.server.answering:
                self.server.open -= 1
                self.server.answering.notify_all()

    def receive(self):
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = lxml.etree.fromstring(data).find("{%s}Body" % ENVELOPE)[0]
            name = lxml.etree.QName(body).localname
            element = self.server.events.get_element(body.tag)
            parsed = zeep.helpers.serialize_object(element.parse(body, self.server.events.wsdl.types), dict)
            emit(event=name, **told(name, parsed))
        except Exception as error:  # the test must learn of every kind
            emit(broken=repr(error), message=data.decode(errors="replace"))
            self.send_error(500)
            return
        answer = (
            f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body><{name}Response xmlns="{EVENTS}"><response/></{name}Response></e:Body></e:Envelope>'
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.wfile.flush()

    def log_message(self, *_):
        pass


class Sink(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionResetError):  # the switch may be killed
            super().handle_error(request, client_address)


class Agent:
    def __init__(self, args):
        self.user = args.user
        session = requests.Session()
        session.trust_env = False
        if args.auth:
            session.auth = tuple(args.auth.split(":", 1))
        if args.ca:
            session.verify = args.ca
        transport = zeep.Transport(session=session, operation_timeout=15)
        folder = args.url.rsplit("/", 1)[0]
        # All calls go to the base URL: a CRM knows no other.
        for name in INTERFACES:
            client = zeep.Client(f"{folder}/Ici{name}Service.asmx?WSDL", transport=transport)
            binding = f"{{urn:Ici{name}Interface}}Ici{name}Binding"
            setattr(self, name, client.create_service(binding, args.url))
        self.sink = Sink((args.sink, 0), Receiver)
        self.sink.open, self.sink.answering = 0, threading.Condition()
        self.sink.events = zeep.Client(f"{folder}/IciEventService.asmx?WSDL", transport=transport)
        threading.Thread(target=self.sink.serve_forever, daemon=True).start()
        self.app_url = f"http://{args.sink}:{self.sink.server_port}/IciEventService/IciEventConf?style=document"
        self.login(args.workmode)

    def login(self, workmode):
        key = dict(appUrl=self.app_url, appId=f"zeep-{self.user}")
        self.System.exchangeProductInformation(iciVersion="3.07")
        self.System.getWorkcenterCapability(userId=self.user)
        self.User.getAttributes(userId=self.user, cmsPing=True)
        user = self.get_user({})
        self.line = next(a["address"] for a in items(user["addresses"]) if a["channel"] == "1")
        self.User.subscribe(userId=self.user, **key)
        self.Container.subscribe(channelType="1", containerId=self.line, **key)
        self.Container.subscribe(channelType="2", containerId="mail@example", **key)
        if workmode:
            self.User.setCurrentWorkmode(userId=self.user, workmode=str(workmode))
        emit(ready=True, user=self.user, line=self.line, sink=self.app_url)

    def get_user(self, _):
        user = zeep.helpers.serialize_object(self.User.getAttributes(userId=self.user), dict)
        return user.get("response", user)

    def command(self, c):
        call = dict(lineNumber=c.get("line", getattr(self, "line", "")), callHandle=c.get("handle"))
        item = dict(itemId=c.get("handle"))
        op = c["op"]
        if op in ("accept", "reroute"):
            return getattr(self.Item, op)(containerId=self.line, **item)
        if op in ("wrapUpRequired", "wrapUpEnded", "getAttachedData", "deleteAttachedData"):
            return getattr(self.Item, op)(**item)
        if op == "setAttachedData":
            return self.Item.setAttachedData(attachedData=c["data"], **item)
        if op == "create":
            return self.Item.create(channelType="1", containerId=self.line)
        if op == "forward":
            return self.Item.forward(containerId=self.line, destType=c["type"], destination=c["number"], **item)
        if op == "dial":
            return self.PhoneCall.dial(dialNumber=c["number"], **call)
        if op == "consult":
            return self.PhoneCall.consult(connCallHandle=c["other"], dialNumber=c["number"], nextStep=2, **call)
        if op in ("transfer", "reconnect", "alternate", "conference"):
            return getattr(self.PhoneCall, op)(lineNumber=self.line, connCallHandle=c["handle"], heldCallHandle=c["other"])
        if op == "dropParty":
            return self.PhoneCall.dropParty(remoteNumber=c["number"], **call)
        if op == "sendDTMF":
            return self.PhoneCall.sendDTMF(digits=c["digits"], **call)
        if op in ("hold", "unhold", "drop", "getAttributes"):
            return getattr(self.PhoneCall, op)(**call)
        if op in ("getCalls", "dropCalls"):
            return getattr(self.PhoneLine, op)(lineNumber=call["lineNumber"])
        if op == "setWorkmode":
            return self.User.setCurrentWorkmode(userId=self.user, workmode=str(c["workmode"]))
        if op == "setQueues":
            return self.User.setCurrentQueues(userId=self.user, queues={"item": c["queues"]})
        if op == "watch":
            catalog = lxml.etree.fromstring(self.Monitor.getCatalog())
            fields = [f.get("id") for f in catalog.findall(f"form[@id='{c['form']}']/field")]
            instances = [i["id"] for i in items(zeep.helpers.serialize_object(self.Monitor.getInstances(formId=c["form"]), dict))]
            self.Monitor.subscribe(appUrl=self.app_url, appId=f"zeep-{self.user}", formId=c["form"], interval=c["interval"])
            return dict(fields=fields, instances=instances)
        if op == "getUser":
            return self.get_user(c)
        if op == "productInformation":
            return self.System.exchangeProductInformation(iciVersion="3.07")
        raise ValueError(f"there is no command {op}")

    def answer(self, c):
        try:
            return dict(result=zeep.helpers.serialize_object(self.command(c), dict))
        except zeep.exceptions.Fault as fault:
            detail = {lxml.etree.QName(e).localname: e.text for e in fault.detail[0]}
            return dict(fault=dict(
                area=int(detail["areaCode"]), code=int(detail["errorCode"]), text=detail["errorText"], retry=detail["errorRetry"] == "true"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("user")
    parser.add_argument("--auth")
    parser.add_argument("--ca")
    parser.add_argument("--sink", default="127.0.0.1")
    parser.add_argument("--workmode", type=int, default=2)
    agent = Agent(parser.parse_args())
    for line in sys.stdin:
        c = json.loads(line)
        if c["op"] == "quit":
            emit(reply=c.get("id"), op="quit", result=None)
            break
        emit(reply=c.get("id"), op=c["op"], **agent.answer(c))
    with agent.sink.answering:
        agent.sink.answering.wait_for(lambda: agent.sink.open == 0, timeout=5)


main()
