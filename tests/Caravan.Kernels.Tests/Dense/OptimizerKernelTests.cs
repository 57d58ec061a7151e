namespace Caravan.Kernels.Tests;

/// <summary>
/// Kernels of optimizers on every width beside their formulas in double. A number that is computed by n float operations is allowed n half units, 2⁻²⁴,
/// of the sizes that it is made of.
/// </summary>
public sealed class OptimizerKernelTests
{
    private const double Unit = 1.0 / (1 << 24);

    public static TheoryData<InstructionSet, int, int> Cases
    {
        get
        {
            TheoryData<InstructionSet, int, int> data = [];
            foreach (InstructionSet set in Cpu.Supported)
                foreach ((int length, int threads) in new[] { (1, 1), (19, 1), (50_003, 2) })
                    data.Add(set, length, threads);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sgd(InstructionSet set, int length, int threads)
    {
        using WorkerPool pool = new(threads);
        KernelSet kernels = KernelSet.For(set, pool);
        foreach (SgdStep settings in (SgdStep[])[new(0.1f), new(0.1f, 0.9f, WeightDecay: 0.01f), new(0.1f, 0.9f, true, 0.01f, 0.5f)])
        {
            Random random = new(length);
            using NativeBuffer weights = Floats(random, length), velocities = new(length * sizeof(float));
            double[] w = Doubles(weights), v = new double[length];
            for (int step = 1; step <= 3; step++)
            {
                using NativeBuffer gradients = Floats(random, length);
                kernels.Sgd(settings, weights.Bytes.Cast<float>(), gradients.Bytes.Cast<float>(), settings.Momentum == 0 ? default : velocities.Bytes.Cast<float>());
                for (int i = 0; i < length; i++)
                {
                    double g = ((double)settings.GradientScale * gradients.Bytes.Cast<float>()[i]) + (settings.WeightDecay * w[i]);
                    v[i] = (settings.Momentum * v[i]) + g;
                    w[i] -= settings.LearningRate * (settings.Momentum == 0 ? g : settings.Nesterov ? g + (settings.Momentum * v[i]) : v[i]);
                    // Velocities are at most 3 · 1.01, steps a tenth of twice that; ten operations a step.
                    Assert.Equal(w[i], weights.Bytes.Cast<float>()[i], 10 * step * Unit * 2);
                    if (settings.Momentum != 0) Assert.Equal(v[i], velocities.Bytes.Cast<float>()[i], 5 * step * Unit * 3.1);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Lion(InstructionSet set, int length, int threads)
    {
        using WorkerPool pool = new(threads);
        KernelSet kernels = KernelSet.For(set, pool);
        LionStep settings = new(0.01f, 0.9f, 0.99f, 0.1f, 0.5f);
        Random random = new(length);
        using NativeBuffer weights = Floats(random, length), momenta = new(length * sizeof(float));
        double[] w = Doubles(weights), m = new double[length];
        for (int step = 1; step <= 3; step++)
        {
            using NativeBuffer gradients = Floats(random, length);
            kernels.Lion(settings, weights.Bytes.Cast<float>(), gradients.Bytes.Cast<float>(), momenta.Bytes.Cast<float>());
            for (int i = 0; i < length; i++)
            {
                double g = 0.5 * gradients.Bytes.Cast<float>()[i], direction = (settings.Beta1 * m[i]) + ((1.0 - settings.Beta1) * g);
                // Where the direction is lost in roundings, either sign will do.
                if (Math.Abs(direction) > 10 * Unit) w[i] -= settings.LearningRate * (Math.Sign(direction) + (settings.WeightDecay * w[i]));
                else w[i] = weights.Bytes.Cast<float>()[i];
                m[i] = (settings.Beta2 * m[i]) + ((1.0 - settings.Beta2) * g);
                Assert.Equal(w[i], weights.Bytes.Cast<float>()[i], 6 * step * Unit);
                Assert.Equal(m[i], momenta.Bytes.Cast<float>()[i], 4 * step * Unit);
            }
        }
    }

    [Fact]
    public void Signs_of_the_smallest_numbers_count()
    {
        using WorkerPool pool = new(1);
        foreach (InstructionSet set in Cpu.Supported)
        {
            float[] small = [float.Epsilon, -float.Epsilon, 0, 1e38f, -1e38f, 1e-30f, -0f];
            using NativeBuffer weights = new(small.Length * sizeof(float)), momenta = new(small.Length * sizeof(float)), gradients = Native.Copy<float>(small);
            KernelSet.For(set, pool).Lion(new LionStep(1, 0, 0), weights.Bytes.Cast<float>(), gradients.Bytes.Cast<float>(), momenta.Bytes.Cast<float>());
            Assert.Equal([-1, 1, 0, -1, 1, -1, 0], weights.Bytes.Cast<float>().AsSpan().ToArray());
            Assert.Equal(small, momenta.Bytes.Cast<float>().AsSpan().ToArray());
        }
    }

    /// <summary>Sums of n squares err by n half units at most; with several lanes by less.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void Factored_moments(InstructionSet set)
    {
        const int Rows = 37, Columns = 611;
        using WorkerPool pool = new(2);
        KernelSet kernels = KernelSet.For(set, pool);
        Random random = new(5);
        using NativeBuffer x = Floats(random, Rows * Columns), y = Floats(random, Rows * Columns), rows = new(Rows * 4), columns = new(Columns * 4), sums = new(Rows * 4);
        double[] a = Doubles(x), b = Doubles(y);
        kernels.SquareMeans(x.Bytes.Cast<float>(), rows.Bytes.Cast<float>(), columns.Bytes.Cast<float>());
        for (int r = 0; r < Rows; r++) Equal(Enumerable.Range(0, Columns).Average(c => Math.Pow(a[(r * Columns) + c], 2)), rows.Bytes.Cast<float>()[r], Columns);
        for (int c = 0; c < Columns; c++) Equal(Enumerable.Range(0, Rows).Average(r => Math.Pow(a[(r * Columns) + c], 2)), columns.Bytes.Cast<float>()[c], Rows + 2);
        double[] rowFactors = Doubles(rows), columnFactors = Doubles(columns);
        kernels.ScaledRowSquares(x.Bytes.Cast<float>(), rows.Bytes.Cast<float>(), columns.Bytes.Cast<float>(), sums.Bytes.Cast<float>());
        for (int r = 0; r < Rows; r++)
            Equal(Enumerable.Range(0, Columns).Sum(c => Math.Pow(a[(r * Columns) + c] * rowFactors[r] * columnFactors[c], 2)), sums.Bytes.Cast<float>()[r], Columns + 6);
        kernels.AddOuterScaled(x.Bytes.Cast<float>(), rows.Bytes.Cast<float>(), columns.Bytes.Cast<float>(), -2, 0.5f, y.Bytes.Cast<float>());
        for (int i = 0; i < a.Length; i++)
            Assert.Equal((0.5 * b[i]) - (2 * a[i] * rowFactors[i / Columns] * columnFactors[i % Columns]), y.Bytes.Cast<float>()[i], 6 * Unit);

        static void Equal(double expected, float actual, int operations) => Assert.Equal(expected, actual, operations * Unit * expected);
    }

    public static TheoryData<InstructionSet> Widths => [.. Cpu.Supported];

    /// <summary>
    /// The first step is that of F32 moments bit for bit, for nothing was rounded yet; after it each moment is the nearest of the map's numbers, times the
    /// block's largest.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void AdamW_in_8_bits(InstructionSet set, int length, int threads)
    {
        const int Block = 256;
        int blocks = (length + Block - 1) / Block;
        using WorkerPool pool = new(threads);
        KernelSet kernels = KernelSet.For(set, pool);
        Random random = new(length);
        using NativeBuffer weights = Floats(random, length), same = Native.Copy<float>(weights.Bytes.Cast<float>().AsSpan()), gradients = Floats(random, length);
        using NativeBuffer first = new(length * sizeof(float)), second = new(length * sizeof(float));
        using NativeBuffer firstCodes = new(length), secondCodes = new(length), firstScales = new(blocks * sizeof(float)), secondScales = new(blocks * sizeof(float));
        EightBitMoments moments = new(firstCodes.Bytes, firstScales.Bytes.Cast<float>(), secondCodes.Bytes, secondScales.Bytes.Cast<float>(), Block);
        AdamWStep step = new(1e-2f, 0.9f, 0.95f, 1e-8f, 0.1f, 1, 0.5f);
        kernels.AdamW(step, weights.Bytes.Cast<float>(), gradients.Bytes.Cast<float>(), first.Bytes.Cast<float>(), second.Bytes.Cast<float>());
        kernels.AdamW(step, same.Bytes.Cast<float>(), gradients.Bytes.Cast<float>(), moments);
        Assert.True(weights.Bytes.AsSpan().SequenceEqual(same.Bytes.AsSpan()));
        for (int block = 0; block < blocks; block++)
        {
            int[] places = [.. Enumerable.Range(block * Block, Math.Min(Block, length - (block * Block)))];
            Check(places, firstCodes, firstScales.Bytes.Cast<float>()[block], DynamicMap.Signed, i => first.Bytes.Cast<float>()[i]);
            Check(places, secondCodes, secondScales.Bytes.Cast<float>()[block], DynamicMap.Unsigned, i => MathF.Sqrt(second.Bytes.Cast<float>()[i]));
        }

        static void Check(int[] places, NativeBuffer codes, float scale, DynamicMap map, Func<int, float> moment)
        {
            Assert.Equal(places.Max(i => MathF.Abs(moment(i))), scale);
            foreach (int i in places) Assert.Equal(DynamicMapTests.Nearest(map, moment(i) / scale), codes.Bytes[i]);
        }
    }

    [Fact]
    public void Blocks_of_zeros_stay_zeros()
    {
        using WorkerPool pool = new(1);
        using NativeBuffer weights = Native.Copy<float>([1, 2]), zeros = new(8), firstCodes = new(2), secondCodes = new(2), scales = new(8);
        EightBitMoments moments = new(firstCodes.Bytes, scales.Bytes.Cast<float>().Slice(0, 1), secondCodes.Bytes, scales.Bytes.Cast<float>().Slice(1), 256);
        for (int step = 1; step <= 2; step++)
            KernelSet.For(Cpu.Best, pool).AdamW(new AdamWStep(0.5f, 0.9f, 0.999f, 1e-8f, 0, step), weights.Bytes.Cast<float>(), zeros.Bytes.Cast<float>(), moments);
        Assert.Equal([1, 2], weights.Bytes.Cast<float>().AsSpan().ToArray());
        Assert.Equal([0, 0], scales.Bytes.Cast<float>().AsSpan().ToArray());
    }

    /// <summary>
    /// Half a million numbers: their mean is 0 within 5/√n, their variance 1 and the mean of their cubes 0 and of their fourth powers 3 within 5 times the
    /// deviations that √(2/n), √(15/n) and √(96/n) are. Neighbours do not follow each other, nor does noise of another seed.
    /// </summary>
    [Fact]
    public void Noise_is_normal_the_same_on_every_width_and_taken_back()
    {
        const int Length = 500_001;
        float[]? noise = null;
        foreach (InstructionSet set in Cpu.Supported)
        {
            foreach (int threads in (int[])[1, 2])
            {
                using WorkerPool pool = new(threads);
                using NativeBuffer x = new(Length * sizeof(float));
                KernelSet.For(set, pool).AddNoise(x.Bytes.Cast<float>(), 1, 7);
                float[] found = x.Bytes.Cast<float>().AsSpan().ToArray();
                noise ??= found;
                Assert.True(noise.AsSpan().SequenceEqual(found));
                KernelSet.For(set, pool).AddNoise(x.Bytes.Cast<float>(), -1, 7);
                Assert.True(x.Bytes.Cast<float>().AsSpan().IndexOfAnyExcept(0f) < 0);
                KernelSet.For(set, pool).AddNoise(x.Bytes.Cast<float>(), 1, 8);
                Within(0, noise.Zip(x.Bytes.Cast<float>().AsSpan().ToArray(), (a, b) => (double)a * b).Average(), 1);
            }
        }

        Within(0, noise!.Average(z => (double)z), 1);
        Within(1, noise!.Average(z => (double)z * z), 2);
        Within(0, noise!.Average(z => Math.Pow(z, 3)), 15);
        Within(3, noise!.Average(z => Math.Pow(z, 4)), 96);
        Within(0, noise!.Zip(noise!.Skip(1), (a, b) => (double)a * b).Average(), 1);

        static void Within(double expected, double actual, double variance) => Assert.Equal(expected, actual, 5 * Math.Sqrt(variance / Length));
    }

    private static double[] Doubles(NativeBuffer buffer) => [.. buffer.Bytes.Cast<float>().AsSpan().ToArray().Select(value => (double)value)];

    /// <summary>Between −1 and 1.</summary>
    private static NativeBuffer Floats(Random random, int count) => Native.Copy<float>([.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)]);
}
