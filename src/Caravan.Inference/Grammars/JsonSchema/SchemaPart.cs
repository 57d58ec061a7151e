using System.Text.Json;

namespace Caravan.Inference;

/// <summary>A value of a JSON schema and the JSON pointer to it.</summary>
internal readonly record struct SchemaPart(JsonElement Element, string Path)
{
    /// <summary>Most characters, items or repetitions that a schema may count.</summary>
    public const int MostCounted = 65_536;

    /// <summary>The value of a keyword, if it is there.</summary>
    public SchemaPart? Find(string keyword) =>
        Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(keyword, out JsonElement value) ? new SchemaPart(value, Below(Path, keyword)) : null;

    /// <summary>The items of an array.</summary>
    /// <exception cref="CaravanException">It is none, or an empty one.</exception>
    public List<SchemaPart> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array || Element.GetArrayLength() == 0) throw Fail("an array with something in it was expected");
        string path = Path;
        return [.. Element.EnumerateArray().Select((item, i) => new SchemaPart(item, $"{path}/{i}"))];
    }

    /// <summary>The values of an object by name; of equal names the last counts.</summary>
    /// <exception cref="CaravanException">It is none.</exception>
    public IEnumerable<(string Name, SchemaPart Value)> Members()
    {
        if (Element.ValueKind != JsonValueKind.Object) throw Fail("an object was expected");
        OrderedDictionary<string, JsonElement> members = new(StringComparer.Ordinal);
        foreach (JsonProperty member in Element.EnumerateObject()) members[member.Name] = member.Value;
        string path = Path;
        return members.Select(member => (member.Key, new SchemaPart(member.Value, Below(path, member.Key))));
    }

    /// <exception cref="CaravanException">It is no text.</exception>
    public string Text() => Element.ValueKind == JsonValueKind.String ? Element.GetString()! : throw Fail("a text was expected");

    /// <exception cref="CaravanException">It is neither true nor false.</exception>
    public bool Boolean() => Element.ValueKind is JsonValueKind.True or JsonValueKind.False ? Element.GetBoolean() : throw Fail("true or false was expected");

    /// <exception cref="CaravanException">It is no count.</exception>
    public int Count()
    {
        if (Element.ValueKind != JsonValueKind.Number || !Element.TryGetDecimal(out decimal count) || count < 0 || decimal.Floor(count) != count)
            throw Fail("a whole number of 0 or more was expected");
        return count <= MostCounted ? (int)count : throw Fail($"a number of at most {MostCounted} was expected");
    }

    /// <exception cref="CaravanException">It is no number of usual size.</exception>
    public decimal Number()
    {
        if (Element.ValueKind != JsonValueKind.Number) throw Fail("a number was expected");
        return Element.TryGetDecimal(out decimal number) && Math.Abs(number) <= NumberRange.LargestBound
            ? number
            : throw Fail($"a number between -{NumberRange.LargestBound} and {NumberRange.LargestBound} was expected");
    }

    public CaravanException Fail(string problem) => new($"The JSON schema is wrong at '{Path}': {problem}{(problem.EndsWith('?') ? "" : ".")}");

    private static string Below(string path, string name) =>
        $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}
