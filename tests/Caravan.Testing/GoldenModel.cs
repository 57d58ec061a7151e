using System.Text.Json;
using System.Text.Json.Serialization;

namespace Caravan.Testing;

/// <summary>One fixture folder: its checkpoint and the numbers the reference implementation gave for it.</summary>
public sealed class GoldenModel
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private GoldenModel(string folder, JsonElement expected, JsonElement row)
    {
        Folder = folder;
        Tolerance = row.GetProperty("recommended_abs_tolerance").GetSingle();
        Noise = row.GetProperty("float32_noise_abs") is { ValueKind: JsonValueKind.Number } noise ? noise.GetSingle() : Tolerance / 4;
        Sequences = expected.TryGetProperty("sequences", out JsonElement sequences) ? sequences.Deserialize<Sequence[]>(Options)! : [];
        if (expected.TryGetProperty("if_window_means_exactly_sliding_window_keys", out JsonElement exact))
            ExactWindowSequences = exact.GetProperty("sequences").Deserialize<Sequence[]>(Options)!;
    }

    /// <summary>Path of the folder.</summary>
    public string Folder { get; }

    /// <summary>Largest allowed difference of a logit: max(2e-5 of the range, 4 times the reference's own rounding noise), from INDEX.json.</summary>
    public float Tolerance { get; }

    /// <summary>How far a logit of the reference in float32 is from one in float64; where nobody measured it, what <see cref="Tolerance"/> makes of it.</summary>
    public float Noise { get; }

    /// <summary>Inputs and expectations; none where images belong to them.</summary>
    public IReadOnlyList<Sequence> Sequences { get; }

    /// <summary>What the same weights give when a window of W means W keys (transformers from 4.46 on).</summary>
    public IReadOnlyList<Sequence> ExactWindowSequences { get; } = [];

    /// <summary>Every fixture folder of a kind, or of all (null), whose <c>model_type</c> is one of these, as xunit wants it.</summary>
    public static TheoryData<string> Folders(IEnumerable<string> modelTypes, string? kind = "causal-lm")
    {
        HashSet<string> wanted = [.. modelTypes];
        TheoryData<string> folders = [];
        foreach (JsonElement row in Index())
            if ((kind is null || row.GetProperty("kind").GetString() == kind) && wanted.Contains(row.GetProperty("model_type").GetString()!)) folders.Add(row.GetProperty("folder").GetString()!);
        return folders;
    }

    /// <summary>Reads a folder named as in INDEX.json.</summary>
    public static GoldenModel Open(string folder)
    {
        JsonElement row = Index().Single(row => row.GetProperty("folder").GetString() == folder);
        string path = Fixtures.PathOf(folder.Split('/'));
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "expected.json"))).RootElement;
        return new GoldenModel(path, expected, row);
    }

    private static IEnumerable<JsonElement> Index() =>
        Fixtures.Available ? JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("INDEX.json"))).RootElement.EnumerateArray() : [];

    /// <summary>One input and what is expected of it.</summary>
    public sealed record Sequence(
        int[] InputIds, float[][] LogitsLast3, int[] Argmax, double CrossEntropy, double[] Nll, [property: JsonPropertyName("greedy_24")] int[] Greedy24,
        [property: JsonPropertyName("hf_generate_with_cache_24")] int[]? HfGenerateWithCache24 = null,
        int[]? Labels = null, int[]? DecoderInputIds = null, float[]? EncoderLastHiddenStateLastPosition = null)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{InputIds.Length} tokens";
    }
}
