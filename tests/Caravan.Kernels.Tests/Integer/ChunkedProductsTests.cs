namespace Caravan.Kernels.Tests;

/// <summary>Gradients that go back through quantized weights in integers, and the rows that made them, against sums in double.</summary>
public sealed class ChunkedProductsTests : IDisposable
{
    private const int Chunk = 256;

    private readonly List<KernelSet> all = [.. Cpu.Supported.SelectMany(set => new[] { 1, 2 }.Select(threads => KernelSet.For(set, new WorkerPool(threads))))];

    public static TheoryData<DType> Types => [DType.Q4_0, DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q8_0, DType.Q2_K, DType.Q3_K, DType.Q4_K, DType.Q5_K, DType.Q6_K, DType.IQ4_NL, DType.IQ4_XS, DType.NF4];

    /// <summary>
    /// Both factors are off by half a step at most: their largest magnitude among 256 terms / 254, for weights of 4-bit codes the largest that a code
    /// of the block could stand for, which is at most 15 for a step of the code. Sums in float round as elsewhere.
    /// </summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Errors_back_are_half_steps(DType type)
    {
        Random random = new(1);
        foreach ((int rows, int outputs, int columns) in new[] { (1, 32, 256), (7, 300, 512), (13, 512, 256), (6, 257, 256) })
        {
            float[] gradients = Rows.Make(rows * outputs, _ => Rows.Normal(random));
            byte[] blocks = Rows.Encode(type, Rows.Make(outputs * columns, _ => 0.05f * Rows.Normal(random)));
            float[] weights = Rows.Decode(type, blocks), largest = Largest(type, weights), before = Rows.Make(rows * columns, _ => Rows.Normal(random));
            (double Value, double Error)[] expected = [.. Enumerable.Range(0, before.Length).Select(i => Expected(outputs, o => new(
                gradients[(i / columns * outputs) + o], weights[(o * columns) + (i % columns)], largest[(o * columns) + (i % columns)])))];
            foreach (IGrouping<string, KernelSet> set in all.GroupBy(kernels => kernels.GetType().ToString()))
            {
                float[] assigned = Backward(set.First(), type, gradients, blocks, columns, before, assign: true);
                float[] added = Backward(set.First(), type, gradients, blocks, columns, before, assign: false);
                for (int i = 0; i < assigned.Length; i++)
                {
                    Assert.Equal(expected[i].Value, assigned[i], expected[i].Error);
                    Assert.Equal(expected[i].Value + before[i], added[i], expected[i].Error + 1e-6);
                }

                foreach (KernelSet kernels in set) Assert.Equal(assigned, Backward(kernels, type, gradients, blocks, columns, before, assign: true));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Errors_forward_are_half_steps(DType type)
    {
        Random random = new(2);
        foreach ((int rows, int outputs, int columns) in new[] { (32, 48, 256), (45, 80, 768), (67, 208, 512) })
        {
            float[] x = Rows.Make(rows * columns, _ => Rows.Normal(random));
            byte[] blocks = Rows.Encode(type, Rows.Make(outputs * columns, _ => 0.05f * Rows.Normal(random)));
            (double Value, double Error)[] expected = ExpectedForward(type, x, blocks, columns, outputs);
            foreach (IGrouping<string, KernelSet> set in all.GroupBy(kernels => kernels.GetType().ToString()))
            {
                float[] y = Forward(set.First(), type, x, blocks, columns, outputs);
                for (int i = 0; i < y.Length; i++) Assert.Equal(expected[i].Value, y[i], expected[i].Error);
                foreach (KernelSet kernels in set) Assert.Equal(y, Forward(kernels, type, x, blocks, columns, outputs));
            }
        }
    }

    /// <summary>Columns that do not fill a chunk meet nothing.</summary>
    [Theory]
    [InlineData(DType.Q4_0)]
    [InlineData(DType.Q4_1)]
    public void A_chunk_may_end_early(DType type)
    {
        Random random = new(3);
        const int Outputs = 32, Columns = 256 + 96, Count = 40;
        float[] x = Rows.Make(Count * Columns, _ => Rows.Normal(random));
        byte[] blocks = Rows.Encode(type, Rows.Make(Outputs * Columns, _ => 0.05f * Rows.Normal(random)));
        (double Value, double Error)[] expected = ExpectedForward(type, x, blocks, Columns, Outputs);
        foreach (KernelSet kernels in all)
        {
            float[] y = Forward(kernels, type, x, blocks, Columns, Outputs);
            for (int i = 0; i < y.Length; i++) Assert.Equal(expected[i].Value, y[i], expected[i].Error);
        }
    }

    [Fact]
    public void A_gradient_without_a_value_gives_none()
    {
        byte[] blocks = Rows.Encode(DType.Q4_0, Rows.Make(64 * 64, i => (i % 7) - 3));
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity })
        {
            float[] gradients = Rows.Make(2 * 64, i => i == 70 ? bad : 1);
            foreach (KernelSet kernels in all)
            {
                float[] result = Backward(kernels, DType.Q4_0, gradients, blocks, 64, new float[128], assign: true);
                for (int i = 0; i < result.Length; i++) Assert.Equal(i < 64, float.IsFinite(result[i]));
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

    private static (double Value, double Error)[] ExpectedForward(DType type, float[] x, byte[] blocks, int columns, int outputs)
    {
        float[] weights = Rows.Decode(type, blocks), largest = Largest(type, weights);
        return [.. Enumerable.Range(0, x.Length / columns * outputs).Select(i => Expected(columns, k => new(
            x[(i / outputs * columns) + k], weights[(i % outputs * columns) + k], largest[(i % outputs * columns) + k])))];
    }

    private static (double Value, double Error) Expected(int terms, Func<int, Term> term)
    {
        double sum = 0, error = 1e-30, magnitude = 0;
        foreach (Term[] chunk in Enumerable.Range(0, terms).Select(term).Chunk(Chunk))
        {
            double ofRow = chunk.Max(each => Math.Abs(each.X)) / 127, ofLane = chunk.Max(each => each.Largest) / 127;
            foreach (Term each in chunk)
            {
                sum += each.X * each.Weight;
                magnitude += Math.Abs(each.X * each.Weight);
                error += ((Math.Abs(each.X) * ofLane) + (Math.Abs(each.Weight) * ofRow) + (ofLane * ofRow / 2)) / 2;
            }

            // The middle of the codes, 128, is taken away again in float.
            error += 128 * ofLane * Math.Abs(chunk.Sum(each => each.X)) * Math.ScaleB(1, -22);
        }

        return (sum, (1.0001 * error) + (magnitude * Math.ScaleB(1, -20)));
    }

    private static float[] Largest(DType type, float[] weights) => type is DType.Q4_0 or DType.Q4_1
        ? [.. weights.Chunk(32).SelectMany(block => Enumerable.Repeat(1.3f * block.Max(Math.Abs), block.Length))]
        : [.. weights.Select(Math.Abs)];

    private static float[] Backward(KernelSet kernels, DType type, float[] gradients, byte[] blocks, int columns, float[] before, bool assign)
    {
        using NativeBuffer y = Native.Copy<float>(gradients), weights = Native.Copy<byte>(blocks), x = Native.Copy<float>(before);
        kernels.MatMulBackwardInput(y.Bytes.Cast<float>(), type, weights.Bytes, columns, x.Bytes.Cast<float>(), assign, ActivationPrecision.Int8);
        return x.Bytes.Cast<float>().AsSpan().ToArray();
    }

    private static float[] Forward(KernelSet kernels, DType type, float[] x, byte[] blocks, int columns, int outputs)
    {
        using NativeBuffer input = Native.Copy<float>(x), weights = Native.Copy<byte>(blocks), y = Native.Copy<float>(new float[x.Length / columns * outputs]);
        kernels.MatMul(input.Bytes.Cast<float>(), columns, [new MatMulPart(type, weights.Bytes, y.Bytes.Cast<float>())], ActivationPrecision.Int8, blocked: true);
        return y.Bytes.Cast<float>().AsSpan().ToArray();
    }

    /// <summary>What is multiplied, and the largest magnitude that a code could have in the weight's place.</summary>
    private readonly record struct Term(double X, double Weight, double Largest);
}
