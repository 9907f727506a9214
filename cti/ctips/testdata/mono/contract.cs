// The CTIPS contract as C#, written from the tables of the public reference (numbers after // are lines of its text) and from
// nothing else; where the tables contradict themselves, docs/adr/0026-ctips-contract.md or the note behind the member decides.
// Members stand in the order of the tables. The serializer sorts them: base class first, then by ordinal.
// Mono exports its schemas from this file (export.sh); the table in Go has to agree with them.
using System;
using System.Runtime.Serialization;
using System.ServiceModel;

namespace Aspect.CTIPS {

// ---- Appendix A: enumerations ----------------------------------------------------------------------------------

[DataContract] public enum CTIAgentCapabilities { // 2012-2025; the table 1170 writes "Invalid", "Standard Agent", "On Demand"
  [EnumMember] INVALID, [EnumMember] StandardAgent, [EnumMember] Director, [EnumMember] OnDemand }

[DataContract] public enum CTIAgentState { // 2027-2046; ActiveWrap only in the tables 662, 1211: appended
  [EnumMember] INVALID, [EnumMember] NotReady, [EnumMember] NotReadyPark, [EnumMember] Idle, [EnumMember] PendingActive, [EnumMember] Active,
  [EnumMember] Wrap, [EnumMember] WrapWarning, [EnumMember] Reserved, [EnumMember] MultiLine, [EnumMember] ActiveWrap }

[DataContract] public enum CTICallProgressSignalType { // 2048-2059
  [EnumMember] INVALID = 0, [EnumMember] None, [EnumMember] Ringing, [EnumMember] Busy, [EnumMember] SitTone }

[DataContract] public enum CTIServiceState { // 2071-2088
  [EnumMember] NoState, [EnumMember] Active, [EnumMember] InActive, [EnumMember] AddService, [EnumMember] RemoveService, [EnumMember] UnManned,
  [EnumMember] Holiday, [EnumMember] Pause, [EnumMember] Failed, [EnumMember] Wait, [EnumMember] Activating }

[DataContract] public enum CTIMediaType { // 2090-2106; 1488 writes VoiceSIP
  [EnumMember] INVALID, [EnumMember] VoiceAnalog, [EnumMember] VoiceSip, [EnumMember] Chat, [EnumMember] Email, [EnumMember] IM, [EnumMember] Workflow }

[DataContract] public enum CTIDestinationType { // 2144-2158; 1554 calls it CTIDestType
  [EnumMember] INVALID, [EnumMember] Agent, [EnumMember] Service, [EnumMember] External, [EnumMember] NoDestination }

[DataContract] public enum CTICallState { // 2160-2190
  [EnumMember] INVALID, [EnumMember] CallCleared, [EnumMember] CallConnected, [EnumMember] CallConsulting, [EnumMember] CallDelivered, [EnumMember] CallEnd,
  [EnumMember] CallEstablished, [EnumMember] CallError, [EnumMember] CallStateUnknown, [EnumMember] CallOffered, [EnumMember] CallOriginated,
  [EnumMember] CallTransferred, [EnumMember] CallOnHoldDialing, [EnumMember] CallHeld, [EnumMember] CallRetrieved, [EnumMember] CallConferenced,
  [EnumMember] DigitsDialed }

[DataContract] public enum CTICallType { // 2192-2210; 1379 writes InboundIpnig, 1612 IPNIQ
  [EnumMember] CallTypeUnavailable, [EnumMember] InboundAcd, [EnumMember] InboundDid, [EnumMember] InboundConsultation, [EnumMember] InboundInternal,
  [EnumMember] InboundIvr, [EnumMember] OutboundAod, [EnumMember] OutboundConsultation, [EnumMember] OutboundConsultationTransfer,
  [EnumMember] OutboundMakecall, [EnumMember] Conference, [EnumMember] InboundIpniq }

[DataContract] public enum CTIMessageClass { // 2225-2236
  [EnumMember] INVALID, [EnumMember] EventCategoryAgent, [EnumMember] EventCategoryCall, [EnumMember] EventCategoryRoute, [EnumMember] EventCategorySystem }

[DataContract] public enum CTIEventCategory { // 2238-2249
  [EnumMember] INVALID, [EnumMember] EventCategoryAgent, [EnumMember] EventCategoryCall, [EnumMember] EventCategoryRoute, [EnumMember] EventCategorySystem }

[DataContract] public enum CTIEventType { // 2251-2295; the headings of chapter 4 write EnterPasscodeEvent (1244) and RouteRejected (1736)
  [EnumMember] INVALID, [EnumMember] Filter, [EnumMember] AgentLoginStateChange, [EnumMember] AgentLoginRequestFailed, [EnumMember] AgentStateChange,
  [EnumMember] AgentRequestFailed, [EnumMember] AudioPathStateChange, [EnumMember] EnterPasscode, [EnumMember] ServiceStateChange,
  [EnumMember] CallCleared, [EnumMember] CallCompleted, [EnumMember] CallConferenced, [EnumMember] CallConnected, [EnumMember] CallConsultation,
  [EnumMember] CallDataUpdate, [EnumMember] CallDelivered, [EnumMember] CallEnd, [EnumMember] CallEstablished, [EnumMember] CallHeld,
  [EnumMember] CallOffered, [EnumMember] CallOriginated, [EnumMember] CallRequestFailed, [EnumMember] CallRetrieved, [EnumMember] CallStarted,
  [EnumMember] CallTransferred, [EnumMember] DigitsDialed, [EnumMember] RouteRequest, [EnumMember] RouteRequestFailed, [EnumMember] RouteUsed,
  [EnumMember] RouteReject, [EnumMember] LinkStatus, [EnumMember] SnapShot, [EnumMember] SnapShotUpdate, [EnumMember] SnapShotRequestFailed }

[DataContract] public enum CTICallDataUpdateType { // 2329-2339
  [EnumMember] INVALID = 0, [EnumMember] GetCallDataReturned = 1, [EnumMember] GetCallDataNotReturned = 2, [EnumMember] SetCallDataSucceeded = 3 }

[DataContract] public enum CTIEntityType { // 2341-2354
  [EnumMember] INVALID = 0, [EnumMember] AgentInfo = 1, [EnumMember] CallInfo, [EnumMember] ServiceInfo }

[DataContract] public enum CTIFieldType { // 2356-2367
  [EnumMember] INVALID = 0, [EnumMember] FT_AGENT_ID, [EnumMember] FT_SERVICE_ID, [EnumMember] FT_SWITCH_ID, [EnumMember] FT_TENANT_ID }

[DataContract] public enum CTIAgentLoginState { // 2369-2378
  [EnumMember] INVALID = 0, [EnumMember] AgentLoggedIn, [EnumMember] AgentLoggedOut }

[DataContract] public enum CTIClearingPartyType { // 2380-2390
  [EnumMember] INVALID, [EnumMember] NearEnd, [EnumMember] FarEnd, [EnumMember] Internal }

[DataContract] public enum CTIRouteType { // 2392-2408; 1723 writes IVR
  [EnumMember] INVALID, [EnumMember] RouteToAgent, [EnumMember] RouteToService, [EnumMember] RouteToExternal, [EnumMember] RouteToDefault,
  [EnumMember] Ivr, [EnumMember] Voicemail }

[DataContract] public enum CTIRouteStatusType { // 2410-2420; 1722 writes "Route Success", DefaultRouteUsed
  [EnumMember] INVALID = 0, [EnumMember] RouteSuccess = 1, [EnumMember] RouteDefaultUsed }

[DataContract] public enum CTIRejectReason { // 2422-2436
  [EnumMember] INVALID, [EnumMember] NoRouteToDestination, [EnumMember] RouteTimeout, [EnumMember] CallCleared, [EnumMember] CallAlreadyRouted,
  [EnumMember] DestinationBusy, [EnumMember] UnknownReason }

[DataContract] public enum CTITransferType { // 2438-2448
  [EnumMember] INVALID, [EnumMember] Blind = 1, [EnumMember] Consultation = 2 }

[DataContract] public enum CTIAudioPathState { // 2450-2460; the table 1233 writes None
  [EnumMember] INVALID, [EnumMember] Connected, [EnumMember] Disconnected }

[DataContract] public enum CTIFailureType { // 2462-2509
  [EnumMember] INVALID, [EnumMember] InvalidPasscode, [EnumMember] InvalidAgent, [EnumMember] InvalidCallId, [EnumMember] DestinationBusy,
  [EnumMember] DestinationNoAnswer, [EnumMember] DestinationNoRoute, [EnumMember] NoRouteToDestination, [EnumMember] RouteTimeout,
  [EnumMember] GetCallDataNotReturned, [EnumMember] SetCallDataFailed, [EnumMember] InternalError, [EnumMember] UnKnownFailure,
  [EnumMember] InternalServerError, [EnumMember] GatewayLoginFailure, [EnumMember] AgentAlreadyLoggedIn, [EnumMember] AgentLicenseExceeded,
  [EnumMember] InvalidAgentName, [EnumMember] StationNotAvailable, [EnumMember] InvalidStateForRequest, [EnumMember] InvalidSwitchIdentifier,
  [EnumMember] NoActiveService, [EnumMember] DestinationAgentNotAvailable, [EnumMember] DestinationInvalidSwitchIdentifier,
  [EnumMember] DestinationInvalidNumber, [EnumMember] DestinationInvalidServiceIdentifier, [EnumMember] TrunkLicenseExceeded,
  [EnumMember] CustomerHungUpWaitingForTransfer, [EnumMember] ClearCallFailure, [EnumMember] MakeCallFailure, [EnumMember] ConsultationFailure,
  [EnumMember] CallTransferFailure, [EnumMember] ConferenceFailure, [EnumMember] PlayDigitsFailure, [EnumMember] RequestFailed }

[DataContract] public enum CTIComponentType { // 2512-2524
  [EnumMember] INVALID, [EnumMember] Gateway = 1, [EnumMember] CenterCord }

[DataContract] public enum CTIComponentState { // 2526-2535
  [EnumMember] INVALID, [EnumMember] Up, [EnumMember] Down }

// ---- Appendix A: structures ------------------------------------------------------------------------------------

[DataContract] public class UserCredentials { // 1973-1981
  [DataMember] public string UserName; [DataMember] public string Password; }

[DataContract] public class CTISnapShotAgentData { // 1983-2010
  [DataMember] public int AgentId;
  [DataMember] public string AgentLoginName;
  [DataMember] public CTIAgentCapabilities[] AgentCapabilities;
  [DataMember] public int AgentWorkGroupId;
  [DataMember] public int CallId;
  [DataMember] public int ResourceGroupId;
  [DataMember] public int ChannelId;
  [DataMember] public int CircuitId;
  [DataMember] public int SwitchId;
  [DataMember] public CTIAgentState AgentState;
  [DataMember] public CTIServiceInfo[] Services;
  [DataMember] public CTIMediaType MediaType;
  [DataMember] public string SipIpAddress;
  [DataMember] public int SipPortNumber;
  [DataMember] public string AgentStationAddress; }

[DataContract] public class CTIServiceInfo { // 2061-2069
  [DataMember] public int ServiceId; [DataMember] public CTIServiceState ServiceState; }

[DataContract] public class CTISnapShotCallData { // 2108-2142; SiplpAddress (2139) is a slip of the extraction
  [DataMember] public int CallId;
  [DataMember] public long CallSequenceId;
  [DataMember] public int CallOriginatingSiteId;
  [DataMember] public int ResourceGroupId;
  [DataMember] public int ChannelId;
  [DataMember] public int CircuitId;
  [DataMember] public int SwitchId;
  [DataMember] public int ServiceId;
  [DataMember] public CTIDestinationType DestType;
  [DataMember] public string Destination;
  [DataMember] public CTICallState CallState;
  [DataMember] public string ANI;
  [DataMember] public string DNIS;
  [DataMember] public CTICallType CallType;
  [DataMember] public int AgentId;
  [DataMember] public CTIMediaType MediaType;
  [DataMember] public string SipIpAddress;
  [DataMember] public int SipPortNumber; }

[DataContract] public class CTISnapShotServiceData { // 2212-2223
  [DataMember] public int ServiceId; [DataMember] public CTIServiceState ServiceState; [DataMember] public bool ExternalRoutingEnabled; }

[DataContract] public class CTICallInfo { // 2297-2315
  [DataMember] public string ANI;
  [DataMember] public string DNIS;
  [DataMember] public string FirstName;
  [DataMember] public string LastName;
  [DataMember] public string PhoneNumber;
  [DataMember] public string CallerId;
  [DataMember] public CTICallDataItem[] CallData; }

[DataContract] public class CTICallDataItem { // 2317-2327: lower case
  [DataMember] public string key; [DataMember] public string value; }

[DataContract] public class SessionObject { // 477-479, 2688-2692
  [DataMember] public string SessionId; [DataMember] public int Status; }

// ---- chapter 3: session and system requests --------------------------------------------------------------------

[DataContract] public class OpenConnectionArgs { // 468-475; TenantIds and UserCredentials as in the sample 2680-2686
  [DataMember] public int[] TenantIds; [DataMember] public UserCredentials UserCredentials; [DataMember] public string ClientCallbackURL; }

[DataContract] public class CloseConnectionArgs { // 489-494
  [DataMember] public string SessionId; }

[DataContract] public class OnLineArgs { // 504-510
  [DataMember] public int TenantId; [DataMember] public string SessionId; }

[DataContract] public class OffLineArgs { // 520-526
  [DataMember] public int TenantId; [DataMember] public string SessionId; }

[DataContract] public class AddMessageClassArgs { // 538-545
  [DataMember] public int TenantId; [DataMember] public string SessionId; [DataMember] public CTIMessageClass MessageClass; }

[DataContract] public class DeleteMessageClassArgs { // 557-564
  [DataMember] public int TenantId; [DataMember] public string SessionId; [DataMember] public CTIMessageClass MessageClass; }

[DataContract] public class AddFilterArgs { // 576-584
  [DataMember] public int TenantId; [DataMember] public string SessionId; [DataMember] public CTIFieldType FieldType; [DataMember] public string FieldValue; }

[DataContract] public class DeleteFilterArgs { // 596-609
  [DataMember] public int TenantId; [DataMember] public string SessionId; [DataMember] public CTIFieldType FieldType; [DataMember] public string FieldValue; }

[DataContract] public class SnapshotArgs { // 621-628: no RequestId
  [DataMember] public int TenantId; [DataMember] public string SessionId; [DataMember] public CTIEntityType[] EntityType; }

// ---- chapter 3: agent requests ---------------------------------------------------------------------------------

[DataContract] public class LoginAgentArgs { // 650-663
  [DataMember] public string SessionId;
  [DataMember] public int RequestId;
  [DataMember] public int TenantId;
  [DataMember] public string AgentLoginName;
  [DataMember] public string StationId;
  [DataMember] public CTIAgentState InitialState; // 662 "Initial State"
  [DataMember] public int MultiLine; }

[DataContract] public class LogoutAgentArgs { // 675-687
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int ReasonCode; }

[DataContract] public class PanicLogoutArgs { // 697-706
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId;
  [DataMember] public string[] AgentLoginNameList; [DataMember] public bool LogoutAllAgents; }

[DataContract] public class SetAgentStateArgs { // 718-727
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public CTIAgentState NewState; }

[DataContract] public class GetAgentStateArgs { // 739-747
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId; }

[DataContract] public class SetDispositionArgs { // 759-773
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; [DataMember] public int DispositionId; [DataMember] public bool SummaryDispositionSuccessful;
  [DataMember] public bool WrapNotRequired; }

// ---- chapter 3: call requests ----------------------------------------------------------------------------------

[DataContract] public class AcceptCallArgs { // 789-800
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; [DataMember] public bool AcceptCall; [DataMember] public int RejectReason; }

[DataContract] public class ClearCallArgs { // 812-821
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; }

[DataContract] public class ConferenceCallArgs { // 833-847
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; [DataMember] public int ConsultationCallId; }

[DataContract] public class ConsultationCallArgs { // 857-872; UserData String (872), String[] everywhere else
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; [DataMember] public string DestinationAddress; [DataMember] public int ServiceId;
  [DataMember] public CTIDestinationType DestinationType; [DataMember] public string[] UserData; }

[DataContract] public class GetCallDataArgs { // 884-893
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; }

[DataContract] public class SetCallDataArgs { // 905-915
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; [DataMember] public string[] UserData; }

[DataContract] public class HoldCallArgs { // 927-936
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; }

[DataContract] public class RetrieveCallArgs { // 948-957
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; }

[DataContract] public class MakeCallArgs { // 969-984
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; [DataMember] public CTIDestinationType DestinationType; [DataMember] public int ServiceId;
  [DataMember] public bool WrapState; [DataMember] public string DestinationAddress; }

[DataContract] public class SendDTMFDigitsArgs { // 996-1008
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; [DataMember] public string DTMFDigits; }

[DataContract] public class TransferCallArgs { // 1020-1036
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int AgentId;
  [DataMember] public int CallId; [DataMember] public CTIDestinationType DestinationType; [DataMember] public string DestinationAddress;
  [DataMember] public int ConsultationCallId; [DataMember] public CTITransferType TransferType; [DataMember] public string[] UserData; }

[DataContract] public class RouteSelectArgs { // 1057-1070: no AgentId
  [DataMember] public string SessionId; [DataMember] public int RequestId; [DataMember] public int TenantId; [DataMember] public int CallId;
  [DataMember] public CTIRouteType RouteActionType; [DataMember] public string RouteDestination; [DataMember] public string[] UserData; }

// ---- chapter 4: events -----------------------------------------------------------------------------------------

[DataContract] // 1114-1126
[KnownType(typeof(AgentLoginStateChangeEvent)), KnownType(typeof(AgentLoginRequestFailedEvent)), KnownType(typeof(AgentStateChangeEvent)),
 KnownType(typeof(AudioPathStateChangeEvent)), KnownType(typeof(EnterPasscodeEvent)), KnownType(typeof(ServiceStateChangeEvent)),
 KnownType(typeof(AgentRequestFailedEvent)), KnownType(typeof(CallClearedEvent)), KnownType(typeof(CallCompletedEvent)),
 KnownType(typeof(CallConferencedEvent)), KnownType(typeof(CallConnectedEvent)), KnownType(typeof(CallConsultationEvent)),
 KnownType(typeof(CallDataUpdateEvent)), KnownType(typeof(CallDeliveredEvent)), KnownType(typeof(CallEndEvent)),
 KnownType(typeof(CallEstablishedEvent)), KnownType(typeof(CallHeldEvent)), KnownType(typeof(CallOfferedEvent)),
 KnownType(typeof(CallOriginatedEvent)), KnownType(typeof(CallRequestFailedEvent)), KnownType(typeof(CallRetrievedEvent)),
 KnownType(typeof(CallStartedEvent)), KnownType(typeof(CallTransferredEvent)), KnownType(typeof(DigitsDialedEvent)),
 KnownType(typeof(RouteRequestEvent)), KnownType(typeof(RouteUsedEvent)), KnownType(typeof(RouteRejectEvent)),
 KnownType(typeof(RouteRequestFailedEvent)), KnownType(typeof(SnapShotUpdateEvent)), KnownType(typeof(SnapShotRequestFailedEvent)),
 KnownType(typeof(LinkStatusEvent))]
public class CTIEvent {
  [DataMember] public CTIEventCategory EventCategory;
  [DataMember] public CTIEventType EventType;
  [DataMember] public int RequestId;
  [DataMember] public int TenantId;
  [DataMember] public int SiteId;
  [DataMember] public int SwitchId;
  [DataMember] public int ServiceId;
  [DataMember] public int AgentId; }

[DataContract] public class AgentLoginStateChangeEvent : CTIEvent { // 1149-1177; ServiceState stands there twice (1173, 1176): the second has the type of Appendix A
  [DataMember] public string AgentLoginName;
  [DataMember] public int ResourceGroupId;
  [DataMember] public int CircuitId;
  [DataMember] public int ChannelId;
  [DataMember] public CTIAgentLoginState LoginState;
  [DataMember] public int AgentWorkGroupId;
  [DataMember] public CTIAgentCapabilities[] AgentCapabilities;
  [DataMember] public string AgentStationAddress;
  [DataMember] public string AgentMailbox;
  [DataMember] public string SipIpAddress;
  [DataMember] public int SipPortNumber;
  [DataMember] public CTIServiceInfo[] ServiceState;
  [DataMember] public int AgentCTIId; }

[DataContract] public class AgentLoginRequestFailedEvent : CTIEvent { // 1179-1194
  [DataMember] public string AgentLoginName; [DataMember] public CTIFailureType FailureType; [DataMember] public string FailureReason; }

[DataContract] public class AgentStateChangeEvent : CTIEvent { // 1196-1214
  [DataMember] public CTIAgentState AgentState; [DataMember] public int[] ServiceIds;
  [DataMember] public string SipAddress; [DataMember] public int SipPort; }

[DataContract] public class AudioPathStateChangeEvent : CTIEvent { // 1216-1236
  [DataMember] public int ResourceGroupId; [DataMember] public int CircuitId; [DataMember] public int ChannelId;
  [DataMember] public CTIAudioPathState AudioPathState; [DataMember] public int[] ServiceIds;
  [DataMember] public string SipIpAddress; [DataMember] public int SipIpPort; }

[DataContract] public class EnterPasscodeEvent : CTIEvent { // 1238-1258
  [DataMember] public int ResourceGroupId; [DataMember] public string PasscodeDigits; [DataMember] public bool ReEnterFlag;
  [DataMember] public int[] ServiceIds; }

[DataContract] public class ServiceStateChangeEvent : CTIEvent { // 1260-1274
  [DataMember] public CTIServiceState ServiceState; [DataMember] public int[] RequestIdList; }

[DataContract] public class AgentRequestFailedEvent : CTIEvent { // 1276-1291
  [DataMember] public int CallId; [DataMember] public CTIFailureType FailureType; [DataMember] public string FailureReason; }

[DataContract] public class CallClearedEvent : CTIEvent { // 1297-1316
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public int ConsultationCallId; [DataMember] public CTIClearingPartyType ClearingPartyType; }

[DataContract] public class CallCompletedEvent : CTIEvent { // 1318-1334
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public int ResourceGroupId; [DataMember] public int CircuitId; [DataMember] public int ChannelId; }

[DataContract] public class CallConferencedEvent : CTIEvent { // 1336-1355
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public int ConsultingCallId; [DataMember] public int ConsultedCallId; [DataMember] public int ConsultationAgentId;
  [DataMember] public int ConferenceCallId; }

[DataContract] public class CallConnectedEvent : CTIEvent { // 1357-1385
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public CTICallInfo[] CallInfo; [DataMember] public bool ResponseRequired; [DataMember] public bool RejectReasonRequired;
  [DataMember] public bool PlayAudioAlert; [DataMember] public CTICallType CallType; [DataMember] public int OriginatingAgentId;
  [DataMember] public int ResourceGroupId; [DataMember] public int CircuitId; [DataMember] public int ChannelId; }

[DataContract] public class CallConsultationEvent : CTIEvent { // 1387-1404
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public int ConsultationCallId; [DataMember] public int ConsultationAgentId; }

[DataContract] public class CallDataUpdateEvent : CTIEvent { // 1406-1425; FailureReason is named by the text 1408 and lacks in the table
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public CTICallDataItem[] CallData; [DataMember] public CTICallDataUpdateType UpdateType; [DataMember] public string FailureReason; }

[DataContract] public class CallDeliveredEvent : CTIEvent { // 1427-1447
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public CTICallType CallType; [DataMember] public string ANI; [DataMember] public string DNIS; }

[DataContract] public class CallEndEvent : CTIEvent { // 1451-1468
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public int AgentDisposition; [DataMember] public CTICallDataItem[] CallData; }

[DataContract] public class CallEstablishedEvent : CTIEvent { // 1470-1495
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public CTIMediaType MediaType; [DataMember] public string SipIpAddress; [DataMember] public int SipPortNumber;
  [DataMember] public int ResourceGroupId; [DataMember] public int CircuitId; [DataMember] public int ChannelId;
  [DataMember] public string ANI; [DataMember] public string DNIS; }

[DataContract] public class CallHeldEvent : CTIEvent { // 1497-1514
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId; }

[DataContract] public class CallOfferedEvent : CTIEvent { // 1516-1536
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public int ResourceGroupId; [DataMember] public int CircuitId; [DataMember] public int ChannelId;
  [DataMember] public string ANI; [DataMember] public string DNIS; }

[DataContract] public class CallOriginatedEvent : CTIEvent { // 1538-1559
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public CTIDestinationType DestType; [DataMember] public string Destination;
  [DataMember] public int ResourceGroupId; [DataMember] public int CircuitId; [DataMember] public int ChannelId;
  [DataMember] public CTICallProgressSignalType CallProgressSignal; }

[DataContract] public class CallRequestFailedEvent : CTIEvent { // 1561-1578
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public CTIFailureType FailureType; [DataMember] public string FailureReason; }

[DataContract] public class CallRetrievedEvent : CTIEvent { // 1580-1597
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId; }

[DataContract] public class CallStartedEvent : CTIEvent { // 1599-1629
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public int ResourceGroupId; [DataMember] public int CircuitId; [DataMember] public int ChannelId; }

[DataContract] public class CallTransferredEvent : CTIEvent { // 1631-1653
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public int ConsultingCallId; [DataMember] public int ConsultedCallId; [DataMember] public int ConsultationAgentId;
  [DataMember] public int TransferredCallId; [DataMember] public int TransferredCallSwitchId; }

[DataContract] public class DigitsDialedEvent : CTIEvent { // 1655-1671
  [DataMember] public int CallId; [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId;
  [DataMember] public string DigitString; }

[DataContract] public class RouteRequestEvent : CTIEvent { // 1677-1704; SipPortNumber is String there (1701), Int in all other tables: int, whose text a string member takes too
  [DataMember] public int CallId; [DataMember] public int RouteTimeout; [DataMember] public int ResourceGroupId;
  [DataMember] public int CircuitId; [DataMember] public int ChannelId; [DataMember] public CTIMediaType MediaType; // 1699 "Media type"
  [DataMember] public string SipIpAddress; [DataMember] public int SipPortNumber; [DataMember] public CTICallInfo[] CallInfo;
  [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId; }

[DataContract] public class RouteUsedEvent : CTIEvent { // 1706-1726
  [DataMember] public int CallId; [DataMember] public CTIRouteStatusType RouteStatus; [DataMember] public CTIRouteType RouteType;
  [DataMember] public string RouteDestination; // 1724 "Route Destination"
  [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId; }

[DataContract] public class RouteRejectEvent : CTIEvent { // 1728-1746
  [DataMember] public int CallId; [DataMember] public CTIRejectReason RouteRejectReason;
  [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId; }

[DataContract] public class RouteRequestFailedEvent : CTIEvent { // 1748-1769
  [DataMember] public int CallId; [DataMember] public CTIFailureType FailureType; [DataMember] public string FailureReason;
  [DataMember] public long CallSequenceId; [DataMember] public int CallOriginatingSiteId; }

[DataContract] public class SnapShotUpdateEvent : CTIEvent { // 1775-1793
  [DataMember] public CTIEntityType SnapShotType; [DataMember] public CTISnapShotAgentData AgentData;
  [DataMember] public CTISnapShotCallData CallData; [DataMember] public CTISnapShotServiceData ServiceData;
  [DataMember] public bool SnapShotComplete; }

[DataContract] public class SnapShotRequestFailedEvent : CTIEvent { // named 2293, 2657; it has no table: the two members that all failures have
  [DataMember] public CTIFailureType FailureType; [DataMember] public string FailureReason; }

[DataContract] public class LinkStatusEvent : CTIEvent { // 1795-1811
  [DataMember] public CTIComponentType ComponentType; [DataMember] public CTIComponentState ComponentState; }

// ---- the two services ------------------------------------------------------------------------------------------

[ServiceContract] public interface IAgentCallService { // the proxy is AgentCallServiceClient: 2672
  [OperationContract] SessionObject OpenConnection(OpenConnectionArgs args);      // 466
  [OperationContract] int CloseConnection(CloseConnectionArgs args);              // 487
  [OperationContract] int OnLine(OnLineArgs args);                                // 502
  [OperationContract] int OffLine(OffLineArgs args);                              // 518
  [OperationContract] int AddMessageClass(AddMessageClassArgs args);              // 535
  [OperationContract] int DeleteMessageClass(DeleteMessageClassArgs args);        // 554
  [OperationContract] int AddFilter(AddFilterArgs args);                          // 573
  [OperationContract] int DeleteFilter(DeleteFilterArgs args);                    // 593
  [OperationContract] int Snapshot(SnapshotArgs args);                            // 618
  [OperationContract] int LoginAgent(LoginAgentArgs args);                        // 648
  [OperationContract] int LogoutAgent(LogoutAgentArgs args);                      // 672
  [OperationContract] int PanicLogout(PanicLogoutArgs args);                      // 695
  [OperationContract] int SetAgentState(SetAgentStateArgs args);                  // 715
  [OperationContract] int GetAgentState(GetAgentStateArgs args);                  // 736
  [OperationContract] int SetDisposition(SetDispositionArgs args);                // 756
  [OperationContract] int AcceptCall(AcceptCallArgs args);                        // 786
  [OperationContract] int ClearCall(ClearCallArgs args);                          // 809
  [OperationContract] int ConferenceCall(ConferenceCallArgs args);                // 830
  [OperationContract] int ConsultationCall(ConsultationCallArgs args);            // 855
  [OperationContract] int GetCallData(GetCallDataArgs args);                      // 881
  [OperationContract] int SetCallData(SetCallDataArgs args);                      // 902
  [OperationContract] int HoldCall(HoldCallArgs args);                            // 924
  [OperationContract] int RetrieveCall(RetrieveCallArgs args);                    // 945
  [OperationContract] int MakeCall(MakeCallArgs args);                            // 966
  [OperationContract] int SendDTMFDigits(SendDTMFDigitsArgs args);                // 993
  [OperationContract] int TransferCall(TransferCallArgs args);                    // 1017
  [OperationContract] int RouteSelect(RouteSelectArgs args);                      // 1054
}

[ServiceContract] public interface IPublishEvents { // 1086-1106; the URL of the sample ends in PublishEvents: 2681
  [OperationContract] void PublishCTIEvent(CTIEvent @event);                      // 1088
  [OperationContract] int HeartbeatMessage();                                     // 1094
  [OperationContract] int StartSession(UserCredentials userinfo, string sessionId); // 1104
}
}
