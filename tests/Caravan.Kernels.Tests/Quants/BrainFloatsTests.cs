namespace Caravan.Kernels.Tests;

public sealed unsafe class BrainFloatsTests
{
    [Fact]
    public void Every_bfloat16_is_the_float_with_its_bits_and_comes_back()
    {
        ushort[] all = [.. Enumerable.Range(0, 65536).Select(bits => (ushort)bits)];
        float[] floats = new float[65536];
        ushort[] back = new ushort[65536];
        fixed (ushort* source = all, returned = back)
        fixed (float* destination = floats)
        {
            BrainFloats.ToSingle(source, destination, 65536);
            BrainFloats.FromSingle(destination, returned, 65536);
        }

        for (int bits = 0; bits < 65536; bits++)
        {
            Assert.Equal((uint)bits << 16, BitConverter.SingleToUInt32Bits(floats[bits]));
            Assert.Equal(float.IsNaN(floats[bits]) ? bits | 0x40 : bits, back[bits]);
        }
    }

    [Fact]
    public void Floats_round_to_the_nearest_ties_to_even()
    {
        float[] floats = RoundingCases.AroundEvery(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16));
        ushort[] vectorised = new ushort[floats.Length];
        fixed (float* source = floats)
        fixed (ushort* destination = vectorised) BrainFloats.FromSingle(source, destination, floats.Length);

        for (int i = 0; i < floats.Length; i++)
        {
            ushort expected = Nearest(floats[i]);
            Assert.Equal(expected, BrainFloats.FromSingle(floats[i]));
            Assert.Equal(expected, vectorised[i]);
        }
    }

    /// <summary>Compares the distances to both neighbours in double, where both are exact.</summary>
    private static ushort Nearest(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        ushort below = (ushort)(bits >> 16);
        if (float.IsNaN(value)) return (ushort)(below | 0x40);
        if (float.IsInfinity(value)) return below;
        double lower = Math.Abs(BitConverter.UInt32BitsToSingle((uint)below << 16));
        double step = Math.Max(Math.ScaleB(1, Math.ILogB(Math.Max(lower, float.Epsilon)) - 7), Math.ScaleB(1, -133));
        double distance = Math.Abs((double)value) - lower;
        bool up = distance > step / 2 || (distance == step / 2 && below % 2 == 1);
        return (ushort)(up ? below + 1 : below);
    }
}
