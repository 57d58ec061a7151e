namespace Caravan.Kernels.Tests;

/// <summary>Gradients that go back through quantized weights in integers, against sums in double.</summary>
public sealed class GradientProductsTests : IDisposable
{
    private const int Chunk = 256;

    private readonly List<KernelSet> all = [.. Cpu.Supported.SelectMany(set => new[] { 1, 2 }.Select(threads => KernelSet.For(set, new WorkerPool(threads))))];

    public static TheoryData<DType> Types => [DType.Q4_0, DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q8_0, DType.Q2_K, DType.Q3_K, DType.Q4_K, DType.Q5_K, DType.Q6_K, DType.IQ4_NL, DType.IQ4_XS];

    /// <summary>
    /// Both factors are off by half a step at most: their largest magnitude among 256 outputs / 254, for weights of 4-bit codes the largest that a code
    /// of the block's 32 columns could stand for, which is at most 15 for a step of the code. Sums in float round as elsewhere.
    /// </summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Errors_are_half_steps(DType type)
    {
        Random random = new(1);
        foreach ((int rows, int outputs, int columns) in new[] { (1, 32, 256), (7, 300, 512), (13, 512, 256), (6, 257, 256) })
        {
            float[] gradients = Rows.Make(rows * outputs, _ => Rows.Normal(random));
            byte[] blocks = Rows.Encode(type, Rows.Make(outputs * columns, _ => 0.05f * Rows.Normal(random)));
            float[] weights = Rows.Decode(type, blocks), before = Rows.Make(rows * columns, _ => Rows.Normal(random));
            foreach (IGrouping<string, KernelSet> set in all.GroupBy(kernels => kernels.GetType().ToString()))
            {
                float[] assigned = Backward(set.First(), type, gradients, blocks, columns, before, assign: true);
                float[] added = Backward(set.First(), type, gradients, blocks, columns, before, assign: false);
                for (int i = 0; i < assigned.Length; i++)
                {
                    (double expected, double error) = Expected(type, gradients, weights, i / columns, i % columns, outputs, columns);
                    Assert.Equal(expected, assigned[i], error);
                    Assert.Equal(expected + before[i], added[i], error + 1e-6);
                }

                foreach (KernelSet kernels in set) Assert.Equal(assigned, Backward(kernels, type, gradients, blocks, columns, before, assign: true));
            }
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

    private static (double Value, double Error) Expected(DType type, float[] gradients, float[] weights, int row, int column, int outputs, int columns)
    {
        double sum = 0, error = 1e-30, magnitude = 0;
        for (int first = 0; first < outputs; first += Chunk)
        {
            int[] chunk = [.. Enumerable.Range(first, Math.Min(Chunk, outputs - first))];
            double ofRow = chunk.Max(o => Math.Abs(gradients[(row * outputs) + o])) / 127, ofColumn = chunk.Max(o => Largest(type, weights, o * columns, column)) / 127;
            foreach (int o in chunk)
            {
                double gradient = gradients[(row * outputs) + o], weight = weights[(o * columns) + column];
                sum += gradient * weight;
                magnitude += Math.Abs(gradient * weight);
                error += ((Math.Abs(gradient) * ofColumn) + (Math.Abs(weight) * ofRow) + (ofColumn * ofRow / 2)) / 2;
            }

            // The middle of the codes, 128, is taken away again in float.
            error += 128 * ofColumn * Math.Abs(chunk.Sum(o => (double)gradients[(row * outputs) + o])) * Math.ScaleB(1, -22);
        }

        return (sum, (1.0001 * error) + (magnitude * Math.ScaleB(1, -20)));
    }

    private static double Largest(DType type, float[] weights, int row, int column) => type is DType.Q4_0 or DType.Q4_1
        ? 1.3 * Enumerable.Range(column / 32 * 32, 32).Max(i => Math.Abs(weights[row + i]))
        : Math.Abs(weights[row + column]);

    private static float[] Backward(KernelSet kernels, DType type, float[] gradients, byte[] blocks, int columns, float[] before, bool assign)
    {
        using NativeBuffer y = Native.Copy<float>(gradients), weights = Native.Copy<byte>(blocks), x = Native.Copy<float>(before);
        kernels.MatMulBackwardInput(y.Bytes.Cast<float>(), type, weights.Bytes, columns, x.Bytes.Cast<float>(), assign, ActivationPrecision.Int8);
        return x.Bytes.Cast<float>().AsSpan().ToArray();
    }
}
