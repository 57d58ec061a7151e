namespace Caravan.Kernels.Tests;

/// <summary>What an encoder must achieve whatever its search: errors near those of even steps, no surprises at the edges.</summary>
public sealed class BlockEncodeTests
{
    public static TheoryData<DType> Quantized => BlockFormats.Quantized;

    /// <summary>Elements that share a scale, steps between smallest and largest code, whether zero is in the middle.</summary>
    private static (int Group, int Steps, bool Symmetric) Shape(DType type) => type switch
    {
        DType.Q4_0 => (32, 16, true),
        DType.Q5_0 => (32, 32, true),
        DType.Q8_0 => (32, 254, true),
        DType.Q4_1 => (32, 15, false),
        DType.Q5_1 => (32, 31, false),
        DType.Q2_K => (16, 3, false),
        DType.Q3_K => (16, 8, true),
        DType.Q4_K => (32, 15, false),
        DType.Q5_K => (32, 31, false),
        DType.Q6_K => (16, 64, true),
        DType.IQ4_NL or DType.IQ4_XS => (32, 16, true),
        DType.NF4 => (64, 16, true),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    [Theory]
    [MemberData(nameof(Quantized))]
    public void Error_is_that_of_evenly_spaced_steps(DType type)
    {
        Random random = new(7);
        foreach (int length in (int[])[256, 512, 768, 2048])
        {
            foreach (float deviation in (float[])[0.003f, 1, 300])
            {
                float[] row = Rows.Make(length, _ => deviation * Rows.Normal(random));
                double error = Math.Sqrt(Rows.RoundTrip(type, row).Zip(row, (a, b) => Math.Pow(a - b, 2)).Average());

                // A rounding error is uniform within a step, so its root mean square is step / √12. The searches win a little, coarse group
                // scales (4 bits in Q2_K) and clipping on one side (symmetric types) lose a little: between 3/4 and 5/4 of it.
                Assert.InRange(error / EvenStepError(row, type), 0.75, 1.25);
            }
        }
    }

    /// <summary>Types whose scales are floats have values below none.</summary>
    public static TheoryData<DType> WithHalfScales => [.. QuantFormats.All.Select(format => format.DType).Where(type => type.IsQuantized() && type != DType.NF4)];

    [Theory]
    [MemberData(nameof(WithHalfScales))]
    public void Zeros_and_values_below_every_scale_decode_to_zero(DType type)
    {
        foreach (float value in (float[])[0, -0f, 1e-20f, -1e-30f, float.Epsilon])
        {
            float[] row = Rows.Make(256, i => i % 3 == 0 ? 0 : value);
            Assert.All(Rows.RoundTrip(type, row), decoded => Assert.Equal(0f, decoded));
        }
    }

    [Theory]
    [MemberData(nameof(Quantized))]
    public void Constants_and_a_single_value_survive(DType type)
    {
        (int _, int steps, bool _) = Shape(type);
        foreach (float value in (float[])[0.375f, -0.1f, 1000, -60000])
        {
            Assert.All(Rows.RoundTrip(type, Rows.Make(256, _ => value)), decoded => Assert.InRange(decoded / value, 0.97f, 1.03f));
            float[] single = Rows.RoundTrip(type, Rows.Make(256, i => i == 77 ? value : 0));
            Assert.InRange(single[77] / value, 0.97f, 1.03f);

            // The others share its scale; each may be off by half a step.
            Assert.All(single.Where((_, i) => i != 77), other => Assert.InRange(Math.Abs(other / value), 0, 0.52f / steps));
        }
    }

    [Theory]
    [InlineData(DType.Q4_0)]
    [InlineData(DType.Q4_1)]
    [InlineData(DType.Q5_0)]
    [InlineData(DType.Q5_1)]
    [InlineData(DType.Q8_0)]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F32)]
    public void Encoding_what_was_decoded_changes_nothing(DType type)
    {
        // Not so for the K types, whose search may find another scale for the same values.
        Random random = new(11);
        byte[] once = Rows.Encode(type, Rows.Make(4096, _ => Rows.Normal(random)));
        Assert.Equal(once, Rows.Encode(type, Rows.Decode(type, once)));
    }

    [Theory]
    [MemberData(nameof(Quantized))]
    public void Rows_do_not_influence_each_other(DType type)
    {
        Random random = new(13);
        float[] row = Rows.Make(512, _ => Rows.Normal(random));
        float[] weights = Rows.Make(512, _ => random.NextSingle());
        using NativeBuffer source = Native.Copy<float>([.. Rows.Make(512, i => 100 * i), .. row]);
        using NativeBuffer importance = Native.Copy<float>(weights);
        using NativeBuffer blocks = new(type.Bytes(1024));
        QuantFormats.Of(type).Encode(source.Bytes.Cast<float>(), blocks.Bytes, 512, importance.Bytes.Cast<float>());

        byte[] second = blocks.Bytes.Slice(type.Bytes(512)).AsSpan().ToArray();
        Assert.Equal(Rows.Encode(type, row, weights), second);
    }

    [Theory]
    [MemberData(nameof(Quantized))]
    public void Importance_lowers_the_error_where_it_is_high(DType type)
    {
        Random random = new(17);
        float[] row = Rows.Make(8192, _ => Rows.Normal(random));
        float[] importance = Rows.Make(8192, i => i % 4 == 0 ? 50 : 0.1f);
        double plain = WeightedError(row, importance, Rows.RoundTrip(type, row));
        double weighted = WeightedError(row, importance, Rows.RoundTrip(type, row, importance));

        if (type is DType.Q8_0 or DType.NF4) Assert.Equal(plain, weighted);
        else Assert.True(weighted < 0.9 * plain, $"{weighted} against {plain}");
    }

    private static double WeightedError(float[] row, float[] importance, float[] decoded) =>
        row.Select((value, i) => importance[i] * Math.Pow(value - decoded[i], 2)).Sum();

    private static double EvenStepError(float[] row, DType type)
    {
        (int group, int steps, bool symmetric) = Shape(type);
        return Math.Sqrt(row.Chunk(group).Average(values =>
        {
            double range = symmetric
                ? 2 * values.Max(Math.Abs)
                : Math.Max(values.Max(), 0) - Math.Min(values.Min(), 0);
            return Math.Pow(range / steps, 2) / 12;
        }));
    }
}
