using System.Runtime.InteropServices;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>The trained model of rwkv.cpp's tests.</summary>
public class RwkvTests
{
    /// <summary>The tolerance is that of the other fixtures, 2e-5 of the logits' range.</summary>
    [FixtureFact]
    public void LogitsAreThoseOfRwkvCpp()
    {
        float[] expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Fixtures.PathOf("real", "expected_logits.bin"))).ToArray();
        using Model model = Model.Load(Fixtures.PathOf("real", "tiny-rwkv-hf"), new ModelOptions { Strict = true });
        using Device device = new(1);
        using Pass pass = new(device);
        Batch batch = new();
        batch.AddSequence([.. "\"in"u8.ToArray().Select(character => (int)character)], LogitRows.Last);
        float[] logits = model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
        float tolerance = 2e-5f * (expected.Max() - expected.Min());
        Assert.Equal(expected.Length, logits.Length);
        for (int i = 0; i < logits.Length; i++) Assert.InRange(logits[i] - expected[i], -tolerance, tolerance);
    }
}
