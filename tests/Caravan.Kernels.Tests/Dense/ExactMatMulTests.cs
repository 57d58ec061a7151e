namespace Caravan.Kernels.Tests;

/// <summary>Products with float activations on every instruction set: right, and the same bits whatever stands beside a row and however many threads work.</summary>
public sealed class ExactMatMulTests : IDisposable
{
    private static readonly int[] Sizes = [1, 15, 17, 31, 140];

    private readonly List<KernelSet> all = [.. Cpu.Supported.SelectMany(set => new[] { 1, 2, 5 }.Select(threads => KernelSet.For(set, new WorkerPool(threads))))];

    public static TheoryData<DType> Types => [DType.F32, DType.F16, DType.BF16, DType.F64, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K];

    /// <summary>K terms and the sum across lanes, each rounded at most twice.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Forward_is_the_sum_of_products(DType type)
    {
        Random random = new(1);
        foreach (int columns in Columns(type))
        {
            foreach ((int rows, int outputs) in Sizes.SelectMany(rows => Sizes.Select(outputs => (rows, outputs))))
            {
                float[] x = Normal(random, rows * columns), weights = Decoded(type, Normal(random, outputs * columns), out byte[] bytes);
                foreach (KernelSet kernels in all.Where(kernels => kernels.Workers.Workers == 2))
                    AssertProduct(Forward(kernels, type, x, bytes, columns, outputs), rows, outputs, columns, (n, o, k) => (x[(n * columns) + k], weights[(o * columns) + k]));
            }
        }
    }

    /// <summary>Summed in blocks: the same bound, and the same bits whatever stands beside a row, too.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Blocks_are_sums_of_products_as_well(DType type)
    {
        Random random = new(4);
        foreach (int columns in Columns(type).Append(1280))
        {
            const int rows = 140, outputs = 77;
            float[] x = Normal(random, rows * columns), weights = Decoded(type, Normal(random, outputs * columns), out byte[] bytes);
            foreach (IGrouping<string, KernelSet> set in all.GroupBy(kernels => kernels.GetType().ToString()))
            {
                float[] y = Forward(set.First(), type, x, bytes, columns, outputs, blocked: true);
                AssertProduct(y, rows, outputs, columns, (n, o, k) => (x[(n * columns) + k], weights[(o * columns) + k]));
                foreach (KernelSet kernels in set)
                    foreach (int some in new[] { 1, 13, rows }) Assert.Equal(y[..(some * outputs)], Forward(kernels, type, x[..(some * columns)], bytes, columns, outputs, blocked: true));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_row_gives_the_same_bits_alone_and_among_others(DType type)
    {
        Random random = new(2);
        const int outputs = 135, most = 77;
        foreach (int columns in Columns(type))
        {
            float[] x = Normal(random, most * columns);
            Decoded(type, Normal(random, outputs * columns), out byte[] bytes);
            foreach (IGrouping<string, KernelSet> set in all.GroupBy(kernels => kernels.GetType().ToString()))
            {
                float[] expected = Forward(set.First(), type, x, bytes, columns, outputs);
                foreach (KernelSet kernels in set)
                {
                    foreach (int rows in new[] { 1, 2, 3, 4, 5, 8, 9, 13, 25, most })
                        Assert.Equal(expected[..(rows * outputs)], Forward(kernels, type, x[..(rows * columns)], bytes, columns, outputs));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Backward_is_the_sum_of_products_and_the_same_bits_with_any_threads(DType type)
    {
        Random random = new(3);
        foreach (int columns in Columns(type))
        {
            foreach ((int rows, int outputs) in new[] { (1, 1), (17, 31), (31, 15), (140, 300), (400, 17) })
            {
                float[] gradientY = Normal(random, rows * outputs), x = Normal(random, rows * columns);
                float[] weights = Decoded(type, Normal(random, outputs * columns), out byte[] bytes);
                foreach (IGrouping<string, KernelSet> set in all.GroupBy(kernels => kernels.GetType().ToString()))
                {
                    (float[] input, float[] weight) = Backward(set.First(), type, gradientY, x, bytes, rows, columns);
                    AssertProduct(input, rows, columns, outputs, (n, k, o) => (gradientY[(n * outputs) + o], weights[(o * columns) + k]));
                    AssertProduct(weight, outputs, columns, rows, (o, k, n) => (gradientY[(n * outputs) + o], x[(n * columns) + k]));
                    foreach (KernelSet kernels in set)
                    {
                        Assert.Equal((input, weight), Backward(kernels, type, gradientY, x, bytes, rows, columns), SameBits);
                        Assert.Equal((input, weight), Backward(kernels, type, gradientY, x, bytes, rows, columns, assign: true), SameBits);
                    }
                }
            }
        }
    }

    /// <summary>So few outputs that they have a way of their own.</summary>
    [Fact]
    public void Narrow_products_are_sums_of_products_and_the_same_bits_with_any_threads()
    {
        Random random = new(5);
        foreach (int columns in new[] { 16, 64, 192, 304 })
        {
            foreach ((int rows, int outputs) in new[] { (1, 1), (3, 2), (5, 3), (9, 4), (33, 8), (70, 13), (4, 16) })
            {
                float[] gradientY = Normal(random, rows * outputs), x = Normal(random, rows * columns), weights = Decoded(DType.F32, Normal(random, outputs * columns), out byte[] bytes);
                foreach (IGrouping<string, KernelSet> set in all.GroupBy(kernels => kernels.GetType().ToString()))
                {
                    float[] y = Forward(set.First(), DType.F32, x, bytes, columns, outputs, blocked: true);
                    (float[] input, float[] weight) = Backward(set.First(), DType.F32, gradientY, x, bytes, rows, columns);
                    AssertProduct(y, rows, outputs, columns, (n, o, k) => (x[(n * columns) + k], weights[(o * columns) + k]));
                    AssertProduct(input, rows, columns, outputs, (n, k, o) => (gradientY[(n * outputs) + o], weights[(o * columns) + k]));
                    AssertProduct(weight, outputs, columns, rows, (o, k, n) => (gradientY[(n * outputs) + o], x[(n * columns) + k]));
                    foreach (KernelSet kernels in set)
                    {
                        foreach (int some in new[] { 1, 3, rows }.Where(some => some <= rows))
                            Assert.Equal(y[..(some * outputs)], Forward(kernels, DType.F32, x[..(some * columns)], bytes, columns, outputs, blocked: true));
                        Assert.Equal((input, weight), Backward(kernels, DType.F32, gradientY, x, bytes, rows, columns), SameBits);
                        Assert.Equal((input, weight), Backward(kernels, DType.F32, gradientY, x, bytes, rows, columns, assign: true), SameBits);
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void Weights_without_a_value_give_none(DType type)
    {
        const int columns = 160, outputs = 9;
        float[] weights = Rows.Make(outputs * columns, i => i % 7);
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            weights[(3 * columns) + 150] = bad;
            byte[] bytes = Rows.Encode(type, weights);
            foreach (KernelSet kernels in all)
            {
                foreach (int rows in new[] { 1, 2, 20 })
                {
                    float[] y = Forward(kernels, type, Rows.Make(rows * columns, _ => 1), bytes, columns, outputs);
                    for (int i = 0; i < y.Length; i++) Assert.Equal(i % outputs != 3, float.IsFinite(y[i]));
                }
            }
        }
    }

    [Fact]
    public void A_warm_product_allocates_nothing()
    {
        const int rows = 30, columns = 256, outputs = 70;
        using NativeBuffer x = new(rows * columns * 4), weights = new(DType.F16.Bytes(outputs * columns)), y = new(rows * outputs * 4);
        foreach (KernelSet kernels in all)
        {
            foreach (int asked in new[] { 1, rows })
            {
                long before = 0;
                for (int call = 0; call < 4; call++)
                {
                    if (call == 2) before = GC.GetAllocatedBytesForCurrentThread();
                    kernels.MatMul(x.Bytes.Cast<float>().Slice(0, asked * columns), DType.F16, weights.Bytes, columns, y.Bytes.Cast<float>().Slice(0, asked * outputs));
                }

                Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
            }
        }
    }

    public void Dispose()
    {
        foreach (KernelSet kernels in all)
        {
            kernels.Workers.Dispose();
            kernels.Dispose();
        }
    }

    private static int[] Columns(DType type) => type.BlockElements() switch { 1 => [1, 15, 17, 31, 128, 301], 256 => [256, 512], _ => [32, 288] };

    private static float[] Normal(Random random, int count) => Rows.Make(count, _ => Rows.Normal(random));

    private static float[] Decoded(DType type, float[] weights, out byte[] bytes)
    {
        bytes = Rows.Encode(type, weights);
        return Rows.Decode(type, bytes);
    }

    private static float[] Forward(KernelSet kernels, DType type, float[] x, byte[] weights, int columns, int outputs, bool blocked = false)
    {
        using NativeBuffer input = Native.Copy<float>(x), blocks = Native.Copy<byte>(weights), y = new((long)x.Length / columns * outputs * sizeof(float));
        y.Bytes.Cast<float>().AsSpan().Fill(float.NaN);
        kernels.MatMul(input.Bytes.Cast<float>(), columns, [new MatMulPart(type, blocks.Bytes, y.Bytes.Cast<float>())], ActivationPrecision.Exact, blocked);
        return y.Bytes.Cast<float>().AsSpan().ToArray();
    }

    private static (float[] Input, float[] Weight) Backward(
        KernelSet kernels, DType type, float[] gradientY, float[] x, byte[] weights, int rows, int columns, bool assign = false)
    {
        using NativeBuffer gradient = Native.Copy<float>(gradientY), input = Native.Copy<float>(x), blocks = Native.Copy<byte>(weights);
        using NativeBuffer gradientX = new(x.Length * sizeof(float)), gradientWeight = new((long)gradientY.Length / rows * columns * sizeof(float));
        if (assign)
        {
            gradientX.Bytes.Cast<float>().AsSpan().Fill(float.NaN);
            gradientWeight.Bytes.Cast<float>().AsSpan().Fill(float.NaN);
        }

        kernels.MatMulBackwardInput(gradient.Bytes.Cast<float>(), type, blocks.Bytes, columns, gradientX.Bytes.Cast<float>(), assign);
        kernels.MatMulBackwardWeights(gradient.Bytes.Cast<float>(), input.Bytes.Cast<float>(), columns, gradientWeight.Bytes.Cast<float>(), assign);
        return (gradientX.Bytes.Cast<float>().AsSpan().ToArray(), gradientWeight.Bytes.Cast<float>().AsSpan().ToArray());
    }

    private static bool SameBits((float[] Input, float[] Weight) a, (float[] Input, float[] Weight) b) =>
        a.Input.AsSpan().SequenceEqual(b.Input) && a.Weight.AsSpan().SequenceEqual(b.Weight);

    private static void AssertProduct(float[] actual, int rows, int columns, int terms, Func<int, int, int, (float Left, float Right)> term)
    {
        Assert.Equal(rows * columns, actual.Length);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                double sum = 0, magnitude = 0;
                for (int k = 0; k < terms; k++)
                {
                    (float left, float right) = term(row, column, k);
                    sum += (double)left * right;
                    magnitude += Math.Abs((double)left * right);
                }

                double bound = (terms + 8) * Math.ScaleB(1, -23) * magnitude;
                if (!(Math.Abs(actual[(row * columns) + column] - sum) <= bound)) Assert.Fail($"[{row}, {column}] of {rows} x {columns}, {terms} terms: {actual[(row * columns) + column]} is not {sum}");
            }
        }
    }
}
