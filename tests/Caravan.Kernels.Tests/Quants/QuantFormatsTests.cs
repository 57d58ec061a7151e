namespace Caravan.Kernels.Tests;

/// <summary>The table, and the sentences with which it refuses what cannot be stored.</summary>
public sealed class QuantFormatsTests
{
    public static TheoryData<DType> Quantized => BlockFormats.Quantized;

    [Fact]
    public void Holds_every_real_dtype_once_with_the_sizes_of_DType()
    {
        Assert.Equal(Enum.GetValues<DType>().Where(type => type.IsReal()).Order(), QuantFormats.All.Select(format => format.DType).Order());
        Assert.All(Sizes(), size => Assert.Equal((size.Type.BlockElements(), size.Type.BlockBytes()), (size.Elements, size.Bytes)));
        Assert.Equal(QuantFormats.All.Count, Sizes().Count);
    }

    [Fact]
    public void Integers_have_no_format()
    {
        CaravanException failure = Assert.Throws<CaravanException>(() => QuantFormats.Of(DType.I8));
        Assert.StartsWith("I8 holds no real numbers", failure.Message);
    }

    [Theory]
    [MemberData(nameof(Quantized))]
    public void Values_that_are_not_finite_are_refused_with_their_place(DType type)
    {
        foreach (float value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            string message = Refusal(type, value, at: 512 + 299, length: 1024, row: 512);
            Assert.StartsWith($"{type} cannot store the value {value} at row 1, column 299;", message);
        }
    }

    [Theory]
    [MemberData(nameof(BlockEncodeTests.WithHalfScales), MemberType = typeof(BlockEncodeTests))]
    public void Values_whose_scale_would_overflow_are_refused_with_their_place(DType type)
    {
        // 1e12 and more overflow the squares in the searches, 3e38 even sums.
        foreach (float value in (float[])[3e8f, -5e8f, 6e8f, 1e12f, -1e20f, 3e38f])
        {
            string message = Refusal(type, value, at: 300, length: 512, row: 512);
            Assert.StartsWith($"The value {value} at row 0, column 300 is too large for {type};", message);
        }
    }

    [Theory]
    [InlineData(DType.F16, 65520f)]
    [InlineData(DType.BF16, 3.4e38f)]
    public void Plain_types_refuse_finite_values_that_would_become_infinite(DType type, float value)
    {
        string message = Refusal(type, value, at: 10, length: 12, row: 3);
        Assert.StartsWith($"The value {value} at row 3, column 1 is too large for {type};", message);
    }

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F64)]
    public void Plain_types_keep_infinities_and_NaN(DType type)
    {
        float[] row = [1, float.PositiveInfinity, float.NaN, float.NegativeInfinity, -0f];
        Assert.Equal(row, Rows.RoundTrip(type, row));
    }

    [Theory]
    [MemberData(nameof(BlockFormats.All), MemberType = typeof(BlockFormats))]
    public void Lengths_must_fit(DType type)
    {
        using NativeBuffer floats = new(512 * sizeof(float));
        using NativeBuffer bytes = new(type.Bytes(512) + 1);
        NativeSpan<float> values = floats.Bytes.Cast<float>();
        NativeSpan<byte> exact = bytes.Bytes.Slice(0, type.Bytes(512));
        QuantFormat format = QuantFormats.Of(type);

        Assert.Throws<CaravanException>(() => format.Decode(bytes.Bytes, values));
        Assert.Throws<CaravanException>(() => format.Decode(exact, values.Slice(0, 256)));
        Assert.Throws<CaravanException>(() => format.Dot(bytes.Bytes, values));
        Assert.Throws<CaravanException>(() => format.Encode(values, bytes.Bytes, 512));
        foreach (long row in (long[])[0, -256, 300, 1024]) Assert.Throws<CaravanException>(() => format.Encode(values, exact, row));
        Assert.Throws<CaravanException>(() => format.Encode(values, exact, 256, values));
        if (type.IsQuantized()) Assert.Throws<CaravanException>(() => format.Decode(exact, values.Slice(0, 511)));
        format.Encode(values, exact, 256);
        format.Decode(exact, values);
        format.Decode(exact.Slice(0, 0), values.Slice(0, 0));
        Assert.Equal(0, format.Dot(exact, values));
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Importance_must_be_a_weight(float weight)
    {
        float[] importance = Rows.Make(256, i => i == 9 ? weight : 1);
        CaravanException failure = Assert.Throws<CaravanException>(() => Rows.Encode(DType.Q4_K, new float[256], importance));
        Assert.StartsWith($"The importance of column 9 is {weight};", failure.Message);
    }

    private static string Refusal(DType type, float value, int at, int length, int row)
    {
        using NativeBuffer source = Native.Copy<float>(Rows.Make(length, i => i == at ? value : 1));
        using NativeBuffer blocks = new(type.Bytes(length));
        return Assert.Throws<CaravanException>(
            () => QuantFormats.Of(type).Encode(source.Bytes.Cast<float>(), blocks.Bytes, row)).Message;
    }

    private static List<(DType Type, int Elements, int Bytes)> Sizes() =>
    [
        Size<F32>(), Size<F16>(), Size<BF16>(), Size<F64>(),
        Size<Q4_0>(), Size<Q4_1>(), Size<Q5_0>(), Size<Q5_1>(), Size<Q8_0>(),
        Size<Q2K>(), Size<Q3K>(), Size<Q4K>(), Size<Q5K>(), Size<Q6K>(),
        Size<IQ4_NL>(), Size<IQ4_XS>(), Size<NF4>(),
    ];

    private static (DType Type, int Elements, int Bytes) Size<TBlock>()
        where TBlock : struct, IBlockFormat => (TBlock.DType, TBlock.BlockElements, TBlock.BlockBytes);
}
