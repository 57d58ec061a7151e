namespace Caravan.Kernels.Tests;

/// <summary>Conversions against those of .NET, which are exact and slow.</summary>
public sealed unsafe class HalfFloatsTests
{
    [Fact]
    public void Every_half_becomes_the_float_that_NET_makes_of_it()
    {
        ushort[] halves = [.. Enumerable.Range(0, 65536).Select(bits => (ushort)bits)];
        float[] vectorised = new float[65536];
        fixed (ushort* source = halves)
        fixed (float* destination = vectorised) HalfFloats.ToSingle(source, destination, 65536);

        for (int bits = 0; bits < 65536; bits++)
        {
            uint expected = QuietBits((float)BitConverter.UInt16BitsToHalf((ushort)bits));
            Assert.Equal(expected, BitConverter.SingleToUInt32Bits(HalfFloats.ToSingle((ushort)bits)));
            Assert.Equal(expected, BitConverter.SingleToUInt32Bits(vectorised[bits]));
        }
    }

    [Fact]
    public void Floats_round_to_the_half_that_NET_rounds_to()
    {
        float[] floats = RoundingCases.AroundEvery(bits => (float)BitConverter.UInt16BitsToHalf(bits));
        ushort[] vectorised = new ushort[floats.Length];
        fixed (float* source = floats)
        fixed (ushort* destination = vectorised) HalfFloats.FromSingle(source, destination, floats.Length);

        for (int i = 0; i < floats.Length; i++)
        {
            ushort expected = float.IsNaN(floats[i]) ? NanBits(floats[i]) : BitConverter.HalfToUInt16Bits((Half)floats[i]);
            Assert.Equal(expected, HalfFloats.FromSingle(floats[i]));
            Assert.Equal(expected, vectorised[i]);
        }
    }

    [Theory]
    [InlineData(65504f, 0x7BFF)]
    [InlineData(65519.996f, 0x7BFF)]
    [InlineData(65520f, 0x7C00)]
    [InlineData(float.MaxValue, 0x7C00)]
    [InlineData(float.NegativeInfinity, 0xFC00)]
    [InlineData(2.9802322e-8f, 0x0000)] // 2⁻²⁵, half of the smallest subnormal: the tie goes to zero
    [InlineData(2.9802326e-8f, 0x0001)]
    [InlineData(-0f, 0x8000)]
    [InlineData(1.0004883f, 0x3C00)] // 1 + 2⁻¹¹: the tie goes to even
    [InlineData(1.0014648f, 0x3C02)]
    public void Rounds_to_nearest_even_at_the_edges(float value, int expected) =>
        Assert.Equal(expected, HalfFloats.FromSingle(value));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(33)]
    public void Converts_exactly_the_count_it_is_given(int count)
    {
        float* values = stackalloc float[34];
        ushort* halves = stackalloc ushort[34];
        for (int i = 0; i < 34; i++) (values[i], halves[i]) = (i, 0xFFFF);
        HalfFloats.FromSingle(values, halves, count);
        for (int i = 0; i < 34; i++) values[i] = -1;
        HalfFloats.ToSingle(halves, values, count);
        for (int i = 0; i < 34; i++) Assert.Equal((i < count ? i : -1, i < count), (values[i], halves[i] != 0xFFFF));
    }

    /// <summary>Signalling NaN become quiet, whatever the .NET version does with them.</summary>
    private static uint QuietBits(float value) => BitConverter.SingleToUInt32Bits(value) | (float.IsNaN(value) ? 1u << 22 : 0);

    private static ushort NanBits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits >> 16 & 0x8000) | 0x7E00 | (bits >> 13 & 0x1FF));
    }
}
