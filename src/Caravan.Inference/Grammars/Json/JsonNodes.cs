using System.Text;
using System.Text.Json;

namespace Caravan.Inference;

/// <summary>The parts of JSON: values of any kind, and texts and characters as strings of JSON write them.</summary>
internal static class JsonNodes
{
    private static readonly CodePointSet Controls = CodePointSet.Of((0, 0x1F));
    private static readonly CodePointSet Escaped = Controls.Union(CodePointSet.Of("\"\\"));
    private static readonly (char Character, string Escape)[] ShortEscapes =
        [('"', "\\\""), ('\\', "\\\\"), ('\b', "\\b"), ('\f', "\\f"), ('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t")];

    /// <summary>A blank or none: what may stand between the tokens of JSON.</summary>
    public static GrammarNode Blank { get; } = GrammarNode.Optional(GrammarNode.Text(" "));

    public static GrammarNode Null { get; } = GrammarNode.Text("null");

    public static GrammarNode Boolean { get; } = GrammarNode.Any(GrammarNode.Text("true"), GrammarNode.Text("false"));

    /// <summary>Any number that doubles hold: at most 18 digits before the point, 16 behind it, and an exponent of two.</summary>
    public static GrammarNode Number { get; } = new GrammarNode.Rule("number")
    {
        Body = RegexParser.Parse(@"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,16})?(?:[eE][+-]?\d{1,2})?"),
    };

    /// <summary>Any character of a string: as it is, or by any escape. Escaped surrogates come in pairs.</summary>
    public static GrammarNode Character { get; } = new GrammarNode.Rule("character")
    {
        Body = RegexParser.Parse(
            "[^\"\\\\\\x00-\\x1F]|\\\\(?:[\"\\\\/bfnrt]|u(?:[0-9A-CE-Fa-ce-f][0-9A-Fa-f]{3}|[Dd][0-7][0-9A-Fa-f]{2}" +
            "|[Dd][89ABab][0-9A-Fa-f]{2}\\\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}))"),
    };

    /// <summary>Any string.</summary>
    public static GrammarNode String { get; } = new GrammarNode.Rule("string")
    {
        Body = Quoted(new GrammarNode.Repeat(Character, 0, GrammarNode.Repeat.Unbounded)),
    };

    /// <summary>Any value.</summary>
    public static GrammarNode Value { get; } = new GrammarNode.Rule("value");

    /// <summary>Any array.</summary>
    public static GrammarNode Array { get; } = new GrammarNode.Rule("array") { Body = Enclosed("[", GrammarNode.Optional(List(Value)), "]") };

    /// <summary>Any object.</summary>
    public static GrammarNode Object { get; } = new GrammarNode.Rule("object")
    {
        Body = Enclosed("{", GrammarNode.Optional(List(GrammarNode.Of(String, Colon, Value))), "}"),
    };

    static JsonNodes() => ((GrammarNode.Rule)Value).Body = GrammarNode.Any(Object, Array, String, Number, Boolean, Null);

    /// <summary>Between the elements of an array and the properties of an object.</summary>
    public static GrammarNode Comma => GrammarNode.Of(GrammarNode.Text(","), Blank);

    /// <summary>Between the name and the value of a property.</summary>
    public static GrammarNode Colon => GrammarNode.Of(GrammarNode.Text(":"), Blank);

    /// <summary>One or more of something, with commas between.</summary>
    public static GrammarNode List(GrammarNode item) =>
        GrammarNode.Of(item, new GrammarNode.Repeat(GrammarNode.Of(Comma, item), 0, GrammarNode.Repeat.Unbounded));

    /// <summary>Something in brackets, with blanks inside.</summary>
    public static GrammarNode Enclosed(string open, GrammarNode content, string close) =>
        GrammarNode.Of(GrammarNode.Text(open), Blank, content, Blank, GrammarNode.Text(close));

    /// <summary>Something in quotation marks.</summary>
    public static GrammarNode Quoted(GrammarNode content) => GrammarNode.Of(GrammarNode.Text("\""), content, GrammarNode.Text("\""));

    /// <summary>A character of a set as strings write it: only what must be escaped is.</summary>
    public static GrammarNode CharacterOf(CodePointSet set)
    {
        if (set.Intersect(Escaped).IsEmpty) return new GrammarNode.Characters(set);
        List<GrammarNode> options = [new GrammarNode.Characters(set.Except(Escaped))];
        foreach ((char character, string escape) in ShortEscapes)
            if (set.Contains(character)) options.Add(GrammarNode.Text(escape));
        foreach ((int first, int last) in set.Intersect(Controls).Ranges)
            for (int value = first; value <= last; value++)
                if (!ShortEscapes.Any(pair => pair.Character == value)) options.Add(GrammarNode.Text($"\\u{value:x4}"));
        return GrammarNode.Any(options);
    }

    /// <summary>A text as a string of JSON.</summary>
    public static string TextOf(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            string? escape = ShortEscapes.FirstOrDefault(pair => pair.Character == rune.Value).Escape;
            quoted.Append(escape ?? (Controls.Contains(rune.Value) ? $"\\u{rune.Value:x4}" : rune.ToString()));
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>One value as it stands.</summary>
    public static GrammarNode Constant(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => GrammarNode.Text(TextOf(value.GetString()!)),
        JsonValueKind.Array => Enclosed("[", Joined([.. value.EnumerateArray().Select(Constant)]), "]"),
        JsonValueKind.Object => Enclosed("{", Joined([.. value.EnumerateObject().Select(Property)]), "}"),
        _ => GrammarNode.Text(value.GetRawText()),
    };

    private static GrammarNode Property(JsonProperty property) =>
        GrammarNode.Of(GrammarNode.Text(TextOf(property.Name)), Colon, Constant(property.Value));

    private static GrammarNode Joined(IReadOnlyList<GrammarNode> items) =>
        GrammarNode.Of([.. items.SelectMany((item, i) => i == 0 ? (IEnumerable<GrammarNode>)[item] : [Comma, item])]);
}
