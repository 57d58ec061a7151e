using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>
/// A small random checkpoint of every family. <c>TinyFamilies.json</c> has each one's configuration and the shapes of its tensors by their published
/// names, in which <c>{0,1}</c> stands for each of these numbers.
/// </summary>
internal static partial class TinyFamilies
{
    /// <summary>All of them have as many tokens.</summary>
    public const int LeastVocabulary = 20;

    private static readonly JsonElement Families = Read();

    /// <summary>Writes one as a Hugging Face folder. Matrices are about as large as keeps their results; vectors lie around 1.</summary>
    public static void Write(string family, TemporaryFolder folder)
    {
        Assert.True(Families.TryGetProperty(family, out JsonElement described), $"TinyFamilies.json has no line for {family}, so nothing says whether it can be trained.");
        File.WriteAllText(folder.File("config.json"), described.GetProperty("config").GetRawText());
        Random random = new(7);
        SafetensorsWriter.Write(folder.File("model.safetensors"), [.. described.GetProperty("tensors").EnumerateObject().SelectMany(row => NamesOf(row.Name).Select(name =>
            TensorOf(name, row.Value.Deserialize<long[]>()!, random)))]);
    }

    private static TensorSource TensorOf(string name, long[] shape, Random random)
    {
        bool vector = shape.Length < 2 || shape.Count(size => size > 1) < 2;
        double scale = vector ? 0.4 : 4 / Math.Sqrt(shape[^1]), centre = vector ? 1 : 0;
        float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => (float)(centre + (scale * (random.NextDouble() - 0.5))))];
        byte[] bytes = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return new TensorSource(name, DType.F32, [.. shape], stream => stream.Write(bytes));
    }

    private static IEnumerable<string> NamesOf(string name) => Numbers().Match(name) is { Success: true } first
        ? first.Groups[1].Value.Split(',').SelectMany(number => NamesOf(string.Concat(name.AsSpan(0, first.Index), number, name.AsSpan(first.Index + first.Length))))
        : [name];

    private static JsonElement Read()
    {
        using Stream stream = typeof(TinyFamilies).Assembly.GetManifestResourceStream("TinyFamilies.json")!;
        return JsonDocument.Parse(stream).RootElement;
    }

    [GeneratedRegex(@"\{([0-9,]+)\}")]
    private static partial Regex Numbers();
}
