// A CTIPS client as an application would have it: the proxies that svcutil made of the server's descriptions, and the
// callback service hosted by WCF. It obeys commands on its input and writes JSON lines:
//   client.exe SERVICEURL CALLBACKURL
//   > OpenConnection UserName=u Password=p TenantIds=1        (any operation; SessionId and TenantId are filled in)
//   < {"reply":1,"op":"OpenConnection","result":{"SessionId":"S-1","Status":0}}  or  {"reply":1,"op":..,"fault":{"code":..,"text":..}}
//   < {"event":"CallHeldEvent","n":3,"AgentId":7,...}  {"heartbeat":4}  {"startsession":"S-1","UserName":..,"Password":..}
//   > slow 500      every callback takes so many ms          > dead on|off   callbacks answer with a fault
//   > fresh         the next operation opens a new channel   > quit
extern alias Svc;
extern alias Cb;
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using System.Runtime.Serialization;
using System.ServiceModel;
using System.ServiceModel.Channels;
using System.Text;
using System.Threading;
using Proxy = Svc::AgentCallServiceClient;

static class Out {
  static readonly object gate = new object();
  public static void Line(string json) { lock (gate) { Console.Out.WriteLine(json); Console.Out.Flush(); } }
  public static string Str(string s) {
    if (s == null) return "null";
    var b = new StringBuilder("\"");
    foreach (char c in s) {
      if (c == '"' || c == '\\') b.Append('\\').Append(c);
      else if (c < 0x20 || c > 0x7e) b.Append("\\u").Append(((int)c).ToString("x4"));
      else b.Append(c);
    }
    return b.Append('"').ToString();
  }
  public static string Value(object v) {
    if (v == null) return "null";
    if (v is string) return Str((string)v);
    if (v is bool) return (bool)v ? "true" : "false";
    if (v is Enum) return Str(v.ToString());
    if (v is int || v is long) return Convert.ToString(v, CultureInfo.InvariantCulture);
    if (v is IEnumerable) {
      var parts = new List<string>();
      foreach (object e in (IEnumerable)v) parts.Add(Value(e));
      return "[" + string.Join(",", parts.ToArray()) + "]";
    }
    return "{" + Members(v) + "}";
  }
  // the members that come by wire, in the order of the properties
  public static string Members(object v) {
    var parts = new List<string>();
    foreach (var p in v.GetType().GetProperties())
      if (p.IsDefined(typeof(DataMemberAttribute), false)) parts.Add(Str(p.Name) + ":" + Value(p.GetValue(v, null)));
    return string.Join(",", parts.ToArray());
  }
}

[ServiceBehavior(InstanceContextMode = InstanceContextMode.Single, ConcurrencyMode = ConcurrencyMode.Multiple, IncludeExceptionDetailInFaults = true)]
class Publish : Cb::IPublishEvents {
  public static volatile int Slow; public static volatile bool Dead; int n;
  void Live() { if (Slow > 0) Thread.Sleep(Slow); if (Dead) throw new FaultException("the client is told to be dead"); }
  public void PublishCTIEvent(Cb::Aspect.CTIPS.CTIEvent e) {
    int i = Interlocked.Increment(ref n);
    Out.Line(e == null ? "{\"event\":null,\"n\":" + i + "}" : "{\"event\":" + Out.Str(e.GetType().Name) + ",\"n\":" + i + "," + Out.Members(e) + "}");
    Live();
  }
  public int HeartbeatMessage() { Out.Line("{\"heartbeat\":" + Interlocked.Increment(ref n) + "}"); Live(); return 0; }
  public int StartSession(Cb::Aspect.CTIPS.UserCredentials u, string sessionId) {
    Out.Line("{\"startsession\":" + Out.Str(sessionId) + (u == null ? "" : "," + Out.Members(u)) + "}"); Live(); return 0;
  }
}

class Client {
  static string url, callback, session; static int tenant = 1, replies; static Proxy proxy;
  static BasicHttpBinding Binding(string to) {
    var b = new BasicHttpBinding(to.StartsWith("https:") ? BasicHttpSecurityMode.Transport : BasicHttpSecurityMode.None);
    b.AllowCookies = true; if (Environment.GetEnvironmentVariable("CTIPS_DEFAULT_QUOTAS") == null) b.MaxReceivedMessageSize = 4 << 20; b.SendTimeout = TimeSpan.FromSeconds(30);
    return b;
  }
  static object Parse(Type t, string s) {
    if (t == typeof(string)) return s == "null" ? null : s;
    if (t == typeof(bool)) return s == "true";
    if (t.IsEnum) return Enum.Parse(t, s);
    if (t.IsArray) {
      if (s == "null") return null;
      var parts = s == "" ? new string[0] : s.Split(',');
      var a = Array.CreateInstance(t.GetElementType(), parts.Length);
      for (int i = 0; i < parts.Length; i++) a.SetValue(Parse(t.GetElementType(), parts[i]), i);
      return a;
    }
    return Convert.ChangeType(s, t, CultureInfo.InvariantCulture);
  }
  static void Set(object o, string name, string value) {
    var p = o.GetType().GetProperty(name);
    if (p == null) throw new ArgumentException("no member " + name + " in " + o.GetType().Name);
    p.SetValue(o, Parse(p.PropertyType, value), null);
  }
  static object Args(MethodInfo m, string[] words) {
    object o = Activator.CreateInstance(m.GetParameters()[0].ParameterType);
    if (o.GetType().GetProperty("SessionId") != null) Set(o, "SessionId", session);
    if (o.GetType().GetProperty("TenantId") != null) Set(o, "TenantId", tenant.ToString());
    var open = o as Svc::Aspect.CTIPS.OpenConnectionArgs;
    if (open != null) { open.ClientCallbackURL = callback; open.TenantIds = new[] { tenant }; open.UserCredentials = new Svc::Aspect.CTIPS.UserCredentials(); }
    for (int i = 1; i < words.Length; i++) {
      int eq = words[i].IndexOf('=');
      if (eq < 0) continue;
      string k = words[i].Substring(0, eq), v = Uri.UnescapeDataString(words[i].Substring(eq + 1));
      if (open != null && (k == "UserName" || k == "Password")) Set(open.UserCredentials, k, v); else Set(o, k, v);
    }
    return o;
  }
  static void Do(string[] words) {
    int n = ++replies; string head = "{\"reply\":" + n + ",\"op\":" + Out.Str(words[0]) + ",";
    try {
      var m = typeof(Proxy).GetMethod(words[0]);
      if (m == null) throw new ArgumentException("no operation " + words[0]);
      if (proxy == null) proxy = new Proxy(Binding(url), new EndpointAddress(url));
      object r = m.Invoke(proxy, new[] { Args(m, words) });
      var so = r as Svc::Aspect.CTIPS.SessionObject;
      if (so != null && so.Status == 0) session = so.SessionId;
      Out.Line(head + "\"result\":" + Out.Value(r) + "}");
    } catch (Exception e) {
      var x = e is TargetInvocationException ? e.InnerException : e;
      var f = x as FaultException;
      Out.Line(head + "\"fault\":{\"kind\":" + Out.Str(x.GetType().Name) + ",\"code\":" + Out.Str(f == null ? null : f.Code.Name) + ",\"text\":" + Out.Str(x.Message) + "}}");
      if (proxy != null && proxy.State == CommunicationState.Faulted) { proxy.Abort(); proxy = null; Out.Line("{\"faulted\":" + n + "}"); }
    }
  }
  static int Main(string[] a) {
    url = a[0]; callback = a[1];
    System.Net.ServicePointManager.DefaultConnectionLimit = 20;
    var host = new ServiceHost(new Publish(), new Uri(callback));
    host.AddServiceEndpoint(typeof(Cb::IPublishEvents), Binding("http:"), "");
    host.Open();
    Out.Line("{\"ready\":true}");
    string line;
    while ((line = Console.In.ReadLine()) != null) {
      var w = line.Trim().Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries);
      if (w.Length == 0) continue;
      if (w[0] == "quit") break;
      if (w[0] == "slow") Publish.Slow = int.Parse(w[1]);
      else if (w[0] == "dead") Publish.Dead = w[1] == "on";
      else if (w[0] == "tenant") tenant = int.Parse(w[1]);
      else if (w[0] == "session") session = w[1];
      else if (w[0] == "fresh") { if (proxy != null) proxy.Close(); proxy = null; }
      else Do(w);
    }
    Out.Line("{\"bye\":true}");
    System.Environment.Exit(0);
    return 0;
  }
}
