using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Formats;

namespace Caravan.Models;

/// <summary>An <c>adapter_config.json</c>.</summary>
/// <remarks>Source: PEFT's configuration classes (LoraConfig, AdaLoraConfig).</remarks>
internal sealed class PeftConfig
{
    /// <summary>The file's name in an adapter's folder.</summary>
    public const string FileName = "adapter_config.json";

    /// <summary>What PEFT adds to the rank that it divides by in AdaLoRA.</summary>
    public const double AdaLoraShift = 1e-5;

    private readonly JsonElement root;

    /// <summary>Reads a file.</summary>
    /// <exception cref="CaravanException">It is missing or no JSON object.</exception>
    public PeftConfig(string path)
    {
        Path = path;
        root = JsonFile.ReadObject(path);
        Type = Text("peft_type") ?? throw new CaravanException($"'{path}' does not say its 'peft_type'; it describes no adapter.");
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary><c>peft_type</c>.</summary>
    public string Type { get; }

    /// <summary>The scaling of AdaLoRA's layers.</summary>
    public float AdaLoraScaling => (float)(Number("lora_alpha", 8) / (Number("init_r", 12) + AdaLoraShift));

    /// <summary>α/r of a layer, or α/√r, after the patterns that name it.</summary>
    public float ScalingOf(string module)
    {
        double rank = Patterned("rank_pattern", module) ?? Number("r", 8), alpha = Patterned("alpha_pattern", module) ?? Number("lora_alpha", 8);
        if (rank < 1) throw new CaravanException($"'{Path}' gives '{module}' the rank {rank}; at least 1 was expected.");
        return (float)(alpha / (Flag("use_rslora") ? Math.Sqrt(rank) : rank));
    }

    /// <summary>A number.</summary>
    /// <param name="key">The key.</param>
    /// <param name="absent">Where it is missing or null.</param>
    /// <exception cref="CaravanException">It is something else.</exception>
    public double Number(string key, double absent) => Find(key) switch
    {
        null => absent,
        { ValueKind: JsonValueKind.Number } number => number.GetDouble(),
        { } other => throw Wrong(key, other, "a number"),
    };

    /// <summary>A flag; false where it is missing or null.</summary>
    /// <exception cref="CaravanException">It is something else.</exception>
    public bool Flag(string key) => Find(key) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        { } other => throw Wrong(key, other, "true or false"),
    };

    /// <summary>A text; null where it is missing.</summary>
    /// <exception cref="CaravanException">It is something else.</exception>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw Wrong(key, other, "a text"),
    };

    /// <summary>A value that is there and neither null nor an empty list or object.</summary>
    public JsonElement? Find(string key) =>
        root.TryGetProperty(key, out JsonElement value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) && !IsEmpty(value) ? value : null;

    private static bool IsEmpty(JsonElement value) =>
        (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0) || (value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any());

    /// <summary>A module's own number: of the first pattern that its name is or ends with, behind a point.</summary>
    private double? Patterned(string key, string module)
    {
        if (Find(key) is not { } patterns) return null;
        if (patterns.ValueKind != JsonValueKind.Object) throw Wrong(key, patterns, "an object of patterns");
        foreach (JsonProperty pattern in patterns.EnumerateObject())
        {
            if (pattern.Value.ValueKind != JsonValueKind.Number) throw Wrong($"{key}.{pattern.Name}", pattern.Value, "a number");
            if (Matches(key, pattern.Name, module)) return pattern.Value.GetDouble();
        }

        return null;
    }

    private bool Matches(string key, string pattern, string module)
    {
        try
        {
            return Regex.IsMatch(module, $@"^(?:.*\.)?(?:{pattern})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new CaravanException($"'{Path}': the {key} '{pattern}' is no regular expression that can be read ({exception.Message}).", exception);
        }
    }

    private CaravanException Wrong(string key, JsonElement value, string expected) =>
        new(string.Create(CultureInfo.InvariantCulture, $"'{Path}': '{key}' is {value.GetRawText()}; {expected} was expected."));
}
