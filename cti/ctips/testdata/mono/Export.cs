// Writes what Mono makes of contract.cs: schemas of all types, descriptions and schemas of the two services, and the order of
// members. Sorted, so that a second run can be compared by diff.
using System;
using System.IO;
using System.Collections.Generic;
using System.Runtime.Serialization;
using System.ServiceModel;
using System.ServiceModel.Description;
using System.Text;
using System.Xml;
using System.Xml.Schema;
using Aspect.CTIPS;

class Export {
  static string dir;
  static XmlWriter Writer(string name) {
    return XmlWriter.Create(Path.Combine(dir, name), new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n" });
  }
  static string Short(string ns) {
    if (ns == "http://tempuri.org/") return "service";
    if (ns.EndsWith("/Aspect.CTIPS")) return "data";
    if (ns.EndsWith("/Serialization/Arrays")) return "arrays";
    if (ns.EndsWith("/Serialization/")) return "serialization";
    return ns.Replace('/', '_').Replace(':', '_');
  }
  static void Save(XmlSchemaSet set, string prefix) {
    foreach (XmlSchema s in set.Schemas()) {
      if (s.TargetNamespace == null || s.TargetNamespace == XmlSchema.Namespace) continue;
      using (var w = Writer(prefix + Short(s.TargetNamespace) + ".xsd")) s.Write(w);
    }
  }
  static void Contract(Type t, string prefix) {
    var x = new WsdlExporter();
    var c = ContractDescription.GetContract(t);
    x.ExportEndpoint(new ServiceEndpoint(c, new BasicHttpBinding(), new EndpointAddress("http://127.0.0.1:8731/CTIPS/" + prefix)));
    foreach (var e in x.Errors) Console.WriteLine(prefix + " " + (e.IsWarning ? "warning" : "error") + ": " + e.Message);
    int n = 0;
    foreach (System.Web.Services.Description.ServiceDescription d in x.GeneratedWsdlDocuments)
      using (var w = Writer(prefix + (n++ == 0 ? "" : "-" + n) + ".wsdl")) d.Write(w);
    Save(x.GeneratedXmlSchemas, prefix + "-");
  }
  static int Main(string[] a) {
    dir = a[0];
    var types = new List<Type>();
    foreach (var t in typeof(CTIEvent).Assembly.GetTypes())
      if (t.IsDefined(typeof(DataContractAttribute), false)) types.Add(t);
    types.Sort((x, y) => string.CompareOrdinal(x.FullName, y.FullName));
    var e = new XsdDataContractExporter();
    if (!e.CanExport(types)) { Console.WriteLine("cannot export"); return 1; }
    e.Export(types);
    Save(e.Schemas, "types-");
    Console.WriteLine(types.Count + " types");
    try { Contract(typeof(IAgentCallService), "AgentCallService"); } catch (Exception x) { Console.WriteLine(x); }
    try { Contract(typeof(IPublishEvents), "PublishEvents"); } catch (Exception x) { Console.WriteLine(x); }
    // the order in which the serializer writes members, one type a line
    using (var w = new StreamWriter(Path.Combine(dir, "order.txt"))) { w.NewLine = "\n";
      foreach (var t in types) if (!t.IsEnum) w.WriteLine(Order(t)); else w.WriteLine(t.Name + " = " + string.Join(" ", Enum.GetNames(t))); }
    return 0;
  }
  static string Order(Type t) {
    object o = Activator.CreateInstance(t);
    var s = new DataContractSerializer(t);
    var m = new MemoryStream();
    s.WriteObject(m, o);
    var d = new XmlDocument(); d.LoadXml(Encoding.UTF8.GetString(m.ToArray()));
    var b = new StringBuilder(t.Name + ":");
    foreach (XmlNode n in d.DocumentElement.ChildNodes) {
      b.Append(' ').Append(n.LocalName);
      if (((XmlElement)n).GetAttribute("nil", XmlSchema.InstanceNamespace) == "true") b.Append('?');
      else b.Append('=').Append(n.InnerText);
    }
    return b.ToString();
  }
}
