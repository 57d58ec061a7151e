using System.Text.Json;
using Caravan.Text.Jinja;

namespace Caravan.Text;

/// <summary>Makes a template's values of JSON, as Python reads it.</summary>
internal static class JsonValues
{
    /// <summary>The value.</summary>
    /// <exception cref="CaravanException">A text in it is not valid Unicode, or it is nested too deep.</exception>
    public static object Read(JsonElement json)
    {
        try
        {
            return Read(json, 0);
        }
        catch (InvalidOperationException exception)
        {
            throw new CaravanException("The conversation holds a text that is not valid Unicode; correct the escape '\\u' in it.", exception);
        }
    }

    private static object Read(JsonElement json, int depth)
    {
        if (depth > Limits.Depth / 2) throw new CaravanException($"The conversation is nested more than {Limits.Depth / 2} levels deep; real ones stay far below.");
        switch (json.ValueKind)
        {
            case JsonValueKind.String: return json.GetString()!;
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.Number:
                string digits = json.GetRawText();
                if (digits.AsSpan().IndexOfAny('.', 'e', 'E') >= 0) return json.GetDouble();
                return PythonNumber.ParseInteger(digits, 10) ?? throw new CaravanException($"The conversation holds a number of {digits.Length} digits; real ones have far fewer.");
            case JsonValueKind.Array:
                List<object> list = new(json.GetArrayLength());
                foreach (JsonElement item in json.EnumerateArray()) list.Add(Read(item, depth + 1));
                return list;
            case JsonValueKind.Object:
                PythonDict dict = new();
                foreach (JsonProperty member in json.EnumerateObject()) dict[member.Name] = Read(member.Value, depth + 1);
                return dict;
            default: return None.Value;
        }
    }
}
