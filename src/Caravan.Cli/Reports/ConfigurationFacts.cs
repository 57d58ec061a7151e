using System.Text.Json;
using Caravan.Formats;
using Caravan.Models;

namespace Caravan.Cli;

/// <summary>The keys and values that came with a checkpoint, as text.</summary>
internal static class ConfigurationFacts
{
    private const int MostItems = 6;
    private const int MostCharacters = 160;

    /// <summary>Everything there is, each key once; long arrays and texts are cut short.</summary>
    public static IEnumerable<(string Key, string Value)> All(Checkpoint checkpoint) => Read(checkpoint).DistinctBy(fact => fact.Key);

    /// <summary>Sizes of a model whose family is not known: the keys that most architectures share.</summary>
    public static IEnumerable<(string Key, string Value)> Usual(Checkpoint checkpoint, string? architecture)
    {
        Dictionary<string, string> all = All(checkpoint).ToDictionary(fact => fact.Key, fact => fact.Value, StringComparer.Ordinal);
        foreach (GgufConfigKeys.Row row in GgufConfigKeys.All)
        {
            string key = checkpoint.Metadata is null ? row.HuggingFace : $"{architecture}.{row.Gguf}";
            if (all.TryGetValue(key, out string? value)) yield return (key, value);
        }
    }

    private static IEnumerable<(string Key, string Value)> Read(Checkpoint checkpoint)
    {
        foreach ((string key, object value) in checkpoint.Metadata?.Pairs ?? []) yield return (key, Short(value));
        if (checkpoint.Config is { } config)
            foreach ((string key, JsonElement value) in Flatten(config, "")) yield return (key, Short(value));
        foreach ((string key, string value) in checkpoint.Annotations) yield return (key, Cut(value));
    }

    private static IEnumerable<(string Key, JsonElement Value)> Flatten(JsonElement element, string prefix)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Object) yield return (prefix + property.Name, property.Value);
            else
                foreach ((string, JsonElement) inner in Flatten(property.Value, $"{prefix}{property.Name}.")) yield return inner;
        }
    }

    private static string Short(object value) => value switch
    {
        string text => Cut(text),
        Array array => Items(array.Length, array.Cast<object>().Select(Short)),
        bool flag => flag ? "true" : "false",
        _ => $"{value}",
    };

    private static string Short(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Cut(value.GetString()!),
        JsonValueKind.Array => Items(value.GetArrayLength(), value.EnumerateArray().Select(Short)),
        _ => Cut(value.GetRawText()),
    };

    private static string Items(int count, IEnumerable<string> items) =>
        $"[{string.Join(", ", items.Take(MostItems))}{(count > MostItems ? $", … {count:N0} in all" : "")}]";

    private static string Cut(string text)
    {
        text = text.ReplaceLineEndings("\\n");
        return text.Length <= MostCharacters ? text : $"{text[..MostCharacters]}… ({text.Length:N0} characters)";
    }
}
