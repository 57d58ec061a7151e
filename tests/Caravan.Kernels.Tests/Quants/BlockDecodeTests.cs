namespace Caravan.Kernels.Tests;

/// <summary>Vectorised decoding and the dot product against the scalar decode, on random bytes.</summary>
public sealed unsafe class BlockDecodeTests
{
    private const int Elements = 256 * 40;

    [Theory]
    [MemberData(nameof(BlockFormats.All), MemberType = typeof(BlockFormats))]
    public void Vectors_decode_bit_for_bit_as_the_scalar_reference(DType type)
    {
        // Random bytes reach codes, scales, infinities and NaN that no encoder writes.
        byte[] blocks = RandomBytes(type);
        float[] expected = new float[Elements], actual = new float[Elements];
        fixed (byte* source = blocks)
        fixed (float* scalar = expected, vector = actual)
        {
            BlockFormats.Decode(type, scalarly: true, source, scalar, Elements);
            BlockFormats.Decode(type, scalarly: false, source, vector, Elements);
        }

        // A NaN is a NaN: the hardware may pick the sign of either operand.
        for (int i = 0; i < Elements; i++)
            Assert.Equal(Bits(expected[i]), Bits(actual[i]));
        Assert.Contains(expected, value => float.IsFinite(value) && value != 0);
    }

    [Theory]
    [MemberData(nameof(BlockFormats.All), MemberType = typeof(BlockFormats))]
    public void Dot_is_the_sum_of_products_within_float_rounding(DType type)
    {
        Random random = new(5);
        using NativeBuffer values = new(Elements * sizeof(float));
        using NativeBuffer activations = new(Elements * sizeof(float));
        using NativeBuffer blocks = new(type.Bytes(Elements));
        foreach (NativeBuffer buffer in (NativeBuffer[])[values, activations])
            foreach (ref float value in buffer.Bytes.Cast<float>().AsSpan()) value = Rows.Normal(random);
        QuantFormats.Of(type).Encode(values.Bytes.Cast<float>(), blocks.Bytes, Elements);

        // Some blocks more than fill pieces of 256, so the last piece is short where blocks are.
        int count = (256 * 3) + (type.BlockElements() == 256 ? 0 : Math.Max(32, type.BlockElements()));
        NativeSpan<byte> part = blocks.Bytes.Slice(0, type.Bytes(count));
        QuantFormats.Of(type).Decode(blocks.Bytes, values.Bytes.Cast<float>());
        double sum = 0, magnitude = 0;
        for (int i = 0; i < count; i++)
        {
            double product = (double)values.Bytes.Cast<float>()[i] * activations.Bytes.Cast<float>()[i];
            (sum, magnitude) = (sum + product, magnitude + Math.Abs(product));
        }

        float dot = QuantFormats.Of(type).Dot(part, activations.Bytes.Cast<float>().Slice(0, count));

        // Each of at most 256 terms of a piece is rounded at most 256 times, the total once more.
        Assert.Equal(sum, dot, 257 * Math.ScaleB(1, -24) * magnitude);
    }

    private static uint Bits(float value) => float.IsNaN(value) ? uint.MaxValue : BitConverter.SingleToUInt32Bits(value);

    private static byte[] RandomBytes(DType type)
    {
        byte[] bytes = new byte[type.Bytes(Elements)];
        new Random((int)type).NextBytes(bytes);
        return bytes;
    }
}
