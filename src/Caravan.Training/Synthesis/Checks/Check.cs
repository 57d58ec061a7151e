using System.Text.Json;

namespace Caravan.Training.Synthesis;

/// <summary>Says whether an answer is right.</summary>
internal abstract record Check
{
    /// <summary>Whether what a model wrote is right: lines that it quotes (<c>&gt; ...</c>) are not what it says; calls are spelled as the template <c>caravan</c> writes them.</summary>
    public bool Accepts(string answer) => IsRight(string.Join('\n', answer.Split('\n').Where(line => !line.StartsWith("> ", StringComparison.Ordinal))));

    /// <summary>Whether what it says is right.</summary>
    protected abstract bool IsRight(string said);

    /// <summary>Writes what a right answer is, as one field of an object.</summary>
    public abstract void Write(Utf8JsonWriter writer);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="CaravanException">There is no such check.</exception>
    public static Check Read(JsonElement fields)
    {
        if (fields.TryGetProperty("number", out JsonElement number)) return new NumberCheck(number.GetString()!);
        if (fields.TryGetProperty("contains", out JsonElement texts)) return new ContainsCheck([.. texts.EnumerateArray().Select(text => text.GetString()!)]);
        if (fields.TryGetProperty("text", out JsonElement exact)) return new TextCheck(exact.GetString()!);
        if (fields.TryGetProperty("json", out JsonElement json)) return new JsonCheck(json.GetRawText());
        if (fields.TryGetProperty("call", out JsonElement call)) return new CallCheck(call.GetProperty("name").GetString()!, call.GetProperty("arguments").GetRawText());
        throw new CaravanException($"'{fields.GetRawText()}' is no check; known are number, contains, text, json and call.");
    }
}
