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
            Assert.Equal(expected, new EmbeddingNoise(row.GetProperty("alpha").GetSingle()).Bound(row.GetProperty("L").GetInt64(), row.GetProperty("d").GetInt64()), 1e-8 * expected);
        }
    }

    /// <summary>Noise is within its bound, and of 64 · 300 numbers the mean square is a third of the bound's square but for 3 deviations of 1/√19200 · 0.9.</summary>
    [Fact]
    public void NoiseIsUniform()
    {
        EmbeddingNoise noise = new(5);
        float[] added = Drawn(17, 300);
        double bound = noise.Bound(300, 64);
        Assert.All(added, value => Assert.InRange(value, -bound, bound));
        Assert.Equal(1.0 / 3, added.Average(value => value / bound * value / bound), 0.0065);
        Assert.Equal(0, added.Average(value => value / bound), 0.0125);
    }

    [Fact]
    public void NoiseIsThatOfItsSeedAndSequence()
    {
        Assert.Equal(Drawn(17, 30), Drawn(17, 30));
        Assert.NotEqual(Drawn(17, 30), Drawn(18, 30));
        Assert.Equal(Drawn(17, 30), Drawn(17, 30, 40)[..(30 * 64)]);
        float[] two = Drawn(17, 30, 30);
        Assert.NotEqual(two[..(30 * 64)], two[(30 * 64)..]);
    }

    [Fact]
    public void AModelThatLearnsSeesIt()
    {
        Assert.NotEqual(Logits(null, new Tape()), Logits(new EmbeddingNoise(5), new Tape()));
        Assert.Equal(Logits(null, new Tape()), Logits(new EmbeddingNoise(0), new Tape()));
        Assert.Equal(Logits(null, null), Logits(new EmbeddingNoise(5), null));
    }

    private float[] Logits(EmbeddingNoise? noise, Tape? tape)
    {
        using Pass pass = new(device, tape);
        Batch batch = new() { Noise = noise };
        batch.AddSequence([1, 2, 3, 4]);
        return model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
    }

    private float[] Drawn(ulong seed, params int[] lengths)
    {
        using Pass pass = new(device) { Seed = seed };
        Batch batch = new();
        foreach (int length in lengths) batch.AddSequence(new int[length]);
        return new EmbeddingNoise(5).AddTo(pass, pass.Workspace.RentZeroed(new Shape(lengths.Sum(), 64)), batch).Floats.AsSpan().ToArray();
    }
}
