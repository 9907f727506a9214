"""Calls every operation of the interface with zeep and prints one JSON line per result.

Usage: zeep_client.py BASE_URL EVENT_FILE...
Each EVENT_FILE is an envelope that the switch sends; zeep parses it with the
description of IciEvent.
"""
import json
import sys

import lxml.etree
import zeep
import zeep.exceptions
import zeep.helpers

base, event_files = sys.argv[1], sys.argv[2:]
HANDLE = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
LINE = "+49301000129"
URL = "http://crm.example:50000/IciEventService/IciEventConf?style=document&x=1"
CHAT = "mueller@example.com"
CALL = dict(lineNumber=LINE, callHandle=HANDLE)
OTHER = "1F1E2D3C4B5A69788796A5B4C3D2E1F0"
PAIR = dict(lineNumber=LINE, connCallHandle=HANDLE, heldCallHandle=OTHER)
KEY = dict(appUrl=URL, appId="a1")
CALLS = {
    "System": [
        ("exchangeProductInformation", dict(iciVersion="3.07")),
        ("getWorkcenterCapability", dict(userId="MUELLER")),
        ("getCallRecordings", dict(callHandle=HANDLE, maxhits="5")),
        ("createCallBack", dict(number="+4917055501", queue="600", callTime="2026-03-02 09:00:00", extraData="<XML><Skills>a=3</Skills></XML>")),
        ("updateCallBack", dict(id="0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", result="BUSY")),
        ("getCallBacks", {}),
        ("getPresenceQueueInfo", dict(userId="MUELLER", channelType="1")),
        ("getUserPresence", dict(users=dict(item=["MUELLER", "SMITH"]), maxhits="10")),
    ],
    "User": [
        ("getAttributes", dict(userId="MUELLER")),
        ("getAttributes", dict(userId="MUELLER", cmsPing=True)),
        ("setCurrentWorkmode", dict(userId="MUELLER", workmode="2")),
        ("setCurrentChannels", dict(userId="MUELLER", channels=dict(item=["1"]))),
        ("setCurrentQueues", dict(userId="MUELLER", queues=dict(item=["600", "601"]))),
        ("setAddresses", dict(userId="MUELLER", addresses=dict(item=[dict(address=LINE, channel="1")]))),
        ("subscribe", dict(userId="MUELLER", **KEY)),
        ("unsubscribe", KEY),
    ],
    "Container": [("subscribe", dict(channelType="1", containerId=LINE, **KEY)), ("unsubscribe", KEY)],
    "Item": [
        ("accept", dict(itemId=HANDLE, containerId=LINE)),
        ("reroute", dict(itemId=HANDLE, containerId=LINE)),
        ("wrapUpRequired", dict(itemId=HANDLE)),
        ("wrapUpEnded", dict(itemId=HANDLE)),
        ("getAttachedData", dict(itemId=HANDLE)),
        ("setAttachedData", dict(itemId=HANDLE, attachedData="<ItemAttachedData>\u00e9 & \n</ItemAttachedData>")),
        ("deleteAttachedData", dict(itemId=HANDLE)),
        ("create", dict(channelType="1", containerId=LINE)),
        ("forward", dict(itemId=HANDLE, containerId=LINE, destType="12", destination="600")),
    ],
    "PhoneLine": [("getCalls", dict(lineNumber=LINE)), ("dropCalls", dict(lineNumber=LINE)), ("getCalls", dict(lineNumber="300&PJSIP/x"))],
    "PhoneCall": [
        ("getAttributes", CALL), ("drop", CALL), ("hold", CALL), ("unhold", CALL),
        ("dial", dict(dialNumber="+4917055501", **CALL)),
        ("consult", dict(connCallHandle=OTHER, dialNumber="+49301000130", nextStep=2, **CALL)),
        ("transfer", PAIR), ("reconnect", PAIR), ("alternate", PAIR), ("conference", PAIR),
        ("dropParty", dict(remoteNumber="+49301000130", **CALL)),
        ("sendDTMF", dict(digits="12#", **CALL)),
    ],
    "Folder": [("getMessages", dict(folder="INBOX"))],
    "Message": [
        ("getAttributes", dict(messageId=HANDLE)),
        ("getContent", dict(messageId=HANDLE)),
        ("setContent", dict(messageId=HANDLE, content="Subject: x")),
        ("delete", dict(messageId=HANDLE)),
        ("send", dict(messageId=HANDLE, requestSuccessNotification=True, requestFailureNotification=False)),
        ("setActionFlags", dict(messageId=HANDLE, read=True, answered=False, forwarded=False)),
        ("end", dict(messageId=HANDLE)),
    ],
    "ChatLine": [("getSessions", dict(chatLineId=CHAT))],
    "ChatSession": [
        ("getAttributes", dict(chatSessionId=HANDLE, chatLineId=CHAT)),
        ("invite", dict(chatSessionId=HANDLE, chatLineId=CHAT, title="t", chatParticipants=dict(item=["a", "b"]))),
        ("leave", dict(chatSessionId=HANDLE, chatLineId=CHAT)),
        ("getDialog", dict(chatSessionId=HANDLE)),
        ("postMessage", dict(chatSessionId=HANDLE, chatLineId=CHAT, contentText="hello")),
    ],
    "ActionItem": [("route", dict(actionItemId="", itemData=dict(requestId="1", processId="2", actionItemAttributes=dict(item=[dict(id="SUBJECT", description="x")]))))],
    "Monitor": [
        ("getCatalog", {}), ("getInstances", dict(formId="queues")),
        ("subscribe", dict(formId="queues", instanceIds=dict(item=["600", "601"]), interval=10, **KEY)), ("unsubscribe", KEY),
    ],
}


def emit(**fields):
    print(json.dumps(fields, sort_keys=True, default=str))


def call(how, service, name, operation, arguments):
    try:
        result = zeep.helpers.serialize_object(operation(**arguments), dict)
        emit(how=how, service=service, operation=name, result=result)
    except zeep.exceptions.Fault as fault:
        detail = {e.tag: e.text for e in fault.detail[0]}
        emit(how=how, service=service, operation=name, fault=fault.message, code=fault.code, detail=detail)


for service, operations in CALLS.items():
    client = zeep.Client(f"{base}/OII/Ici{service}Service.asmx?WSDL")
    binding = f"{{urn:Ici{service}Interface}}Ici{service}Binding"
    at_base = client.create_service(binding, base + "/OII/OII.asmx")
    for name, arguments in operations:
        call("own", service, name, getattr(client.service, name), arguments)
        call("base", service, name, getattr(at_base, name), arguments)

events = zeep.Client(f"{base}/OII/IciEventService.asmx?wsdl")
for path in event_files:
    body = lxml.etree.parse(path).getroot()[0][0]
    element = events.get_element(body.tag)
    parsed = zeep.helpers.serialize_object(element.parse(body, events.wsdl.types), dict)
    emit(event=lxml.etree.QName(body).localname, result=parsed)
