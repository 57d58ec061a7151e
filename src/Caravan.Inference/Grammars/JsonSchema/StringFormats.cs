using System.Collections.Frozen;

namespace Caravan.Inference;

/// <summary>The formats of strings. Where a format's whole language is wild (addresses), the usual part of it is taken.</summary>
internal static class StringFormats
{
    private const string Year = @"(?:\d{3}[1-9]|\d{2}[1-9]0|\d[1-9]00|[1-9]000)";
    private const string LeapYear = @"(?:\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)";
    private const string Date = "(?:" + Year + @"-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|" + LeapYear + "-02-29)";
    private const string Time = @"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)";
    private const string Byte = @"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";
    private const string Ipv4 = "(?:" + Byte + @"\.){3}" + Byte;
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private const string Host = Label + @"(?:\." + Label + "){0,7}";
    private const string Group = "[0-9A-Fa-f]{1,4}";
    private const string Base64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?";
    private const string Path = @"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*";
    private const string Tail = "(?:/" + Path + @")?(?:\?" + Path + ")?(?:#" + Path + ")?";

    private static readonly FrozenDictionary<string, Lazy<GrammarNode>> Known = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = Date + "T" + Time,
        ["duration"] = @"P(?:\d{1,6}W|(?:\d{1,6}Y(?:\d{1,6}M(?:\d{1,6}D)?)?|\d{1,6}M(?:\d{1,6}D)?|\d{1,6}D)(?:T" + ClockTime + ")?|T" + ClockTime + ")",
        ["uuid"] = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
        ["email"] = @"[A-Za-z0-9_%+-]{1,40}(?:\.[A-Za-z0-9_%+-]{1,20}){0,3}@" + Label + @"(?:\." + Label + @"){0,3}\.[A-Za-z]{2,18}",
        ["hostname"] = Host,
        ["ipv4"] = Ipv4,
        ["ipv6"] = $"(?:{Group}:){{7}}{Group}|(?:{Group}:){{1,7}}:|{string.Join('|', Enumerable.Range(1, 6).Select(after => $"(?:{Group}:){{1,{7 - after}}}(?::{Group}){{{after}}}"))}|::(?:{Group}:){{0,6}}{Group}|::",
        ["uri"] = @"[A-Za-z][A-Za-z0-9+.-]{0,15}://" + Host + @"(?::\d{1,4})?" + Tail,
        ["uri-reference"] = @"(?:[A-Za-z][A-Za-z0-9+.-]{0,15}://" + Host + @"(?::\d{1,4})?)?" + Tail,
        ["json-pointer"] = "(?:/(?:[^/~]|~[01])*)*",
        ["byte"] = Base64,
    }.ToFrozenDictionary(pair => pair.Key, pair => new Lazy<GrammarNode>(() => RegexParser.Parse(pair.Value)), StringComparer.Ordinal);

    private const string ClockTime = @"(?:\d{1,6}H(?:\d{1,6}M(?:\d{1,6}S)?)?|\d{1,6}M(?:\d{1,6}S)?|\d{1,6}S)";

    /// <summary>What a string must look like; null for formats that ask for nothing.</summary>
    /// <exception cref="CaravanException">The format is not known.</exception>
    public static GrammarNode? Find(SchemaPart format)
    {
        string name = format.Text();
        if (Known.TryGetValue(name, out Lazy<GrammarNode>? node)) return node.Value;
        if (name is "password" or "binary" || NumberSchema.IsNumeric(name)) return null;
        throw format.Fail($"the format '{(name.Length > 100 ? name[..100] + "…" : name)}' cannot be enforced; known are {string.Join(", ", Known.Keys.Order(StringComparer.Ordinal))}");
    }
}
