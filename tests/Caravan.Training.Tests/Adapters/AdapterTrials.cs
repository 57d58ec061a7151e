using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training.Tests;

/// <summary>What tests of adapters share.</summary>
internal static class AdapterTrials
{
    /// <summary>A small adapter of a kind.</summary>
    public static AdapterOptions Options(string kind) => new() { Kind = kind, Rank = 3, FirstRank = 4, Alpha = 6, Group = 4, RestartEvery = 2, AttentionGroup = 100, VirtualTokens = 3, EncoderWidth = 6, Seed = 3 };

    /// <summary>Adds noise to everything that an adapter has learnt, so that nothing in it is zero any more.</summary>
    public static void Disturb(Adapter adapter, int seed, float by = 0.2f)
    {
        Random random = new(seed);
        foreach (Tensor parameter in adapter.Parameters)
            foreach (ref float value in parameter.Floats.AsSpan()) value += by * (random.NextSingle() - 0.5f);
    }

    /// <summary>The same rate at every step.</summary>
    public static Schedule Constant(double rate) => new ConstantSchedule(new ScheduleOptions { Rate = rate }, 100);

    /// <summary>Whether it is more than its linear layers.</summary>
    public static bool HasPrompts(Adapter adapter) => adapter.VirtualTokens is not null || adapter.Attentions.Count > 0;

    /// <summary>All logits of a text.</summary>
    public static float[] Logits(Device device, Model model, int slot, int[] text)
    {
        using Pass pass = new(device);
        Batch batch = new() { Adapter = slot };
        batch.AddSequence(text);
        return model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
    }

    /// <summary>Whether numbers are near each other, all of them.</summary>
    public static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"Element {i} is {actual[i]} instead of {expected[i]} ± {tolerance}.");
    }
}
