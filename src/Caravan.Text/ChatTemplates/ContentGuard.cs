using System.Text;
using System.Text.Json.Nodes;

namespace Caravan.Text;

/// <summary>
/// Keeps what strangers write from becoming control tokens. Before a template runs, a mark goes behind the first character of every control
/// token spelled out in their messages; when it has run, the marks are taken out again, and the places where they stood are known.
/// </summary>
internal sealed class ContentGuard
{
    /// <summary>Roles whose words are those of the program or the model, not of strangers.</summary>
    private static readonly string[] Trusted = ["system", "developer", "assistant"];

    private readonly AddedTokenMatcher matcher;
    private readonly bool marksBrackets;

    /// <summary>A guard against the control tokens of a vocabulary.</summary>
    public ContentGuard(Tokenizer tokenizer)
    {
        matcher = new AddedTokenMatcher(tokenizer.Definition.Added.Where(token => token.Special).Select(token => (token, token.Content)));
        // Prompts that are objects make tokens of whatever stands in angle brackets.
        marksBrackets = tokenizer.Structured is not null;
    }

    /// <summary>The messages with marks, and the mark: a character that stands for nothing in Unicode and is in none of them.</summary>
    public (JsonArray Messages, char Mark) Marked(JsonArray messages)
    {
        string all = messages.ToJsonString();
        char mark = '\uFDD0';
        while (mark < '\uFDEF' && (all.Contains(mark) || all.Contains($"\\u{(int)mark:X4}", StringComparison.OrdinalIgnoreCase))) mark++;
        JsonArray marked = (JsonArray)messages.DeepClone();
        foreach (JsonNode? message in marked)
            if (message is JsonObject fields && !Trusted.Contains(fields["role"]?.ToString())) Mark(fields, mark);
        return (marked, mark);
    }

    /// <summary>The text without marks, and the places where no control token may begin.</summary>
    public static (string Text, HashSet<int> Places) Unmarked(string text, char mark)
    {
        if (!text.Contains(mark)) return (text, []);
        HashSet<int> places = [];
        StringBuilder plain = new(text.Length);
        foreach (char character in text)
        {
            if (character == mark) places.Add(plain.Length - 1);
            else plain.Append(character);
        }

        return (plain.ToString(), places);
    }

    private void Mark(JsonNode node, char mark)
    {
        if (node is JsonArray items)
        {
            for (int i = 0; i < items.Count; i++)
                if (Text(items[i]) is { } text) items[i] = Marked(text, mark);
                else if (items[i] is { } inner) Mark(inner, mark);
        }
        else if (node is JsonObject fields)
        {
            foreach ((string name, JsonNode? value) in fields.ToArray())
                if (Text(value) is { } text && name is not ("role" or "type")) fields[name] = Marked(text, mark);
                else if (value is not null) Mark(value, mark);
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>A mark behind the first character of each spelled control token, also of those that begin inside another.</summary>
    private string Marked(string text, char mark)
    {
        StringBuilder marked = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            marked.Append(text[i]);
            if (matcher.MatchesAt(text.AsSpan(i)) || (marksBrackets && text[i] == '<')) marked.Append(mark);
        }

        return marked.ToString();
    }
}
