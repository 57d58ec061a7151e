using System.Text.Json;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>NEFTune's noise.</summary>
public sealed class EmbeddingNoiseTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Device device = new(1);
    private readonly Model model;

    public EmbeddingNoiseTests()
    {
        TinyLlama.Write(folder.Path);
        model = Model.Load(folder.Path);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
        folder.Dispose();
    }

    [FixtureFact]
    public void BoundsAreGolden()
    {
        JsonElement golden = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("training", "neftune.json"))).RootElement;
        foreach (JsonElement row in golden.GetProperty("cases").EnumerateArray())
        {
            double expected = row.GetProperty("scale").GetDouble();
            // The file has nine digits.
            Assert.Equal(expected, new EmbeddingNoise(row.GetProperty("alpha").GetSingle(), 0).Bound(row.GetProperty("L").GetInt64(), row.GetProperty("d").GetInt64()), 1e-8 * expected);
        }
    }

    /// <summary>Noise is within its bound, and of 64 · 300 numbers the mean square is a third of the bound's square but for 3 deviations of 1/√19200 · 0.9.</summary>
    [Fact]
    public void NoiseIsUniform()
    {
        EmbeddingNoise noise = new(5, 17);
        float[] added = Noise(noise, 300);
        double bound = noise.Bound(300, 64);
        Assert.All(added, value => Assert.InRange(value, -bound, bound));
        Assert.Equal(1.0 / 3, added.Average(value => value / bound * value / bound), 0.0065);
        Assert.Equal(0, added.Average(value => value / bound), 0.0125);
    }

    [Fact]
    public void NoiseIsThatOfItsSeedAndSequence()
    {
        Assert.Equal(Noise(new EmbeddingNoise(5, 17), 30), Noise(new EmbeddingNoise(5, 17), 30));
        Assert.NotEqual(Noise(new EmbeddingNoise(5, 17), 30), Noise(new EmbeddingNoise(5, 18), 30));
        Assert.Equal(Noise(new EmbeddingNoise(5, 17), 30), Noise(new EmbeddingNoise(5, 17), 30, 40)[..(30 * 64)]);
        float[] two = Noise(new EmbeddingNoise(5, 17), 30, 30);
        Assert.NotEqual(two[..(30 * 64)], two[(30 * 64)..]);
    }

    /// <summary>What a model sees with noise is the embedding with that noise: without layers, the difference of two forwards.</summary>
    [Fact]
    public void TheModelSeesIt()
    {
        using Pass pass = new(device);
        Batch batch = new();
        batch.AddSequence([1, 2, 3, 4]);
        float[] plain = model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
        batch.Noise = new EmbeddingNoise(5, 17);
        Assert.NotEqual(plain, model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray());
        batch.Noise = new EmbeddingNoise(0, 17);
        Assert.Equal(plain, model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray());
    }

    private float[] Noise(EmbeddingNoise noise, params int[] lengths)
    {
        using Pass pass = new(device);
        Batch batch = new();
        foreach (int length in lengths) batch.AddSequence(new int[length]);
        return noise.AddTo(pass, pass.Workspace.RentZeroed(new Shape(lengths.Sum(), 64)), batch).Floats.AsSpan().ToArray();
    }
}
