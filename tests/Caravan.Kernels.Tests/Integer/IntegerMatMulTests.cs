namespace Caravan.Kernels.Tests;

/// <summary>The integer products of every block type on every instruction set, with 1, 2 and 5 threads.</summary>
public sealed class IntegerMatMulTests : IDisposable
{
    private const ushort One = 0x3C00;

    private static readonly int[] RowCounts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 37];

    private readonly List<KernelSet> all = [.. Cpu.Supported.SelectMany(set => new[] { 1, 2, 5 }.Select(threads => KernelSet.For(set, new WorkerPool(threads))))];

    private static IEnumerable<DType> Integers => QuantFormats.All.Select(format => format.DType).Where(type => type.IsQuantized() && type != DType.NF4);

    /// <summary>Block types whose values are integers times scales: all but NF4.</summary>
    public static TheoryData<DType> Types => [.. Integers];

    /// <summary>
    /// Halves of 1 and whole activations up to 127 make every scale 1, so that float adds nothing of its own: the sums are integers below
    /// 2^24 (with K types, whose group scales are integers, because most activations are small), and must be those of the scalar reference.
    /// </summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Integers_are_exact(DType type)
    {
        Random random = new(1);
        foreach (int columns in Columns(type))
        {
            foreach (int rows in RowCounts)
            {
                int largest = type.BlockElements() == 256 ? 5 : 127;
                float[] x = Rows.Make(rows * columns, i => i % 32 == i / 32 % 32 ? 127 : random.Next(-largest, largest + 1));
                using IntegerCase product = new(type, IntegerCase.RandomBlocks(type, random, 35 * columns, () => One), x, columns);
                ForEach(product, (actual, row, output) => Assert.Equal(product.Real(row, output), actual));
            }
        }
    }

    /// <summary>
    /// Against double: scaling, at most 16 terms a lane for each 256 columns and the sum across lanes, each rounded once. Against the product
    /// of what was given: half a step for each activation, times the weight; these may all point the same way, so magnitudes are added.
    /// </summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Errors_stay_below_half_a_step(DType type)
    {
        Random random = new(2);
        foreach (int columns in Columns(type))
        {
            float[] x = Rows.Make(9 * columns, i => Rows.Normal(random) * (i % 50 == 0 ? 20 : 1));
            float[] weights = Rows.Make(37 * columns, _ => Rows.Normal(random) * 0.05f);
            using IntegerCase product = new(type, Rows.Encode(type, weights), x, columns);
            double roundings = (columns / 16) + 16;
            ForEach(product, (actual, row, output) =>
            {
                (double sum, double magnitude, double bound) = product.Expected(row, output);
                double inFloat = roundings * Math.ScaleB(1, -24) * magnitude;
                Assert.Equal(sum, actual, inFloat);
                // 127.5/127: the step itself is rounded, and so is 127 / magnitude.
                Assert.Equal(product.Real(row, output), actual, (bound * 1.0001) + inFloat);
            });
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Extreme_blocks(DType type)
    {
        int columns = type.BlockElements() == 256 ? 512 : 288;
        foreach (byte fill in new byte[] { 0x00, 0xFF, 0x80, 0x7F, 0x88, 0x0F })
        {
            // The smallest and the largest subnormal half, minus zero, one, the largest half, and minus it.
            foreach (ushort half in new ushort[] { 0x0001, 0x03FF, 0x8000, One, 0x7BFF, 0xFBFF })
            {
                byte[] blocks = new byte[type.Bytes(3 * columns)];
                Array.Fill(blocks, fill);
                IntegerCase.SetHalves(type, blocks, () => half);
                float[] x = Rows.Make(9 * columns, i => (i / columns) switch { 0 => 1, 1 => -1, 2 => 0, 3 => -0f, 4 => 1e-40f, 5 => i % 2 == 0 ? 1e6f : -1e6f, _ => i % 7 });
                using IntegerCase product = new(type, blocks, x, columns);
                ForEach(product, (actual, row, output) =>
                {
                    (double sum, double magnitude, _) = product.Expected(row, output);
                    Assert.Equal(sum, actual, ((columns / 16) + 16) * Math.ScaleB(1, -24) * magnitude);
                });
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Activations_without_a_value_give_none(DType type)
    {
        Random random = new(3);
        byte[] blocks = IntegerCase.RandomBlocks(type, random, 5 * 512, () => One);
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            float[] x = Rows.Make(2 * 512, i => i == 300 ? bad : Rows.Normal(random));
            using IntegerCase product = new(type, blocks, x, 512);
            ForEach(product, (actual, row, output) => Assert.Equal(row == 1, float.IsFinite(actual)));
        }
    }

    /// <summary>An output is computed by one thread, whichever; and beside other matrices as alone.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Threads_and_company_change_nothing(DType type)
    {
        Random random = new(4);
        const int columns = 512;
        foreach (int rows in new[] { 1, 4, 19 })
        {
            float[] x = Rows.Make(rows * columns, _ => Rows.Normal(random));
            using IntegerCase one = new(type, IntegerCase.RandomBlocks(type, random, 300 * columns, () => One), x, columns);
            using IntegerCase two = new(DType.Q8_0, IntegerCase.RandomBlocks(DType.Q8_0, random, 45 * columns, () => One), x, columns);
            using IntegerCase plain = new(type, IntegerCase.RandomBlocks(type, random, columns, () => One), x, columns);
            foreach (IGrouping<string, KernelSet> set in all.GroupBy(kernels => kernels.GetType().ToString()))
            {
                float[][] expected = [.. new[] { one, two, plain }.Select(part => part.Run(set.First(), ActivationPrecision.Int8))];
                foreach (KernelSet kernels in set) Assert.Equal(expected, Together(kernels, [one, two, plain]));
            }
        }
    }

    [Fact]
    public void A_warm_product_allocates_nothing()
    {
        float[] x = Rows.Make(30 * 512, i => i % 9);
        using IntegerCase product = new(DType.Q4_K, IntegerCase.RandomBlocks(DType.Q4_K, new Random(6), 70 * 512, () => One), x, 512);
        using NativeBuffer y = new(30 * 70 * sizeof(float));
        foreach (KernelSet kernels in all)
        {
            long before = 0;
            for (int call = 0; call < 4; call++)
            {
                if (call == 2) before = GC.GetAllocatedBytesForCurrentThread();
                kernels.MatMul(product.X, product.Type, product.Weights, product.Columns, y.Bytes.Cast<float>(), ActivationPrecision.Int8);
            }

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    [Fact]
    public void Plain_weights_and_narrow_sets_stay_exact()
    {
        Random random = new(5);
        float[] x = Rows.Make(3 * 256, _ => Rows.Normal(random)), weights = Rows.Make(7 * 256, _ => Rows.Normal(random));
        foreach (KernelSet kernels in all)
        {
            foreach (DType type in new[] { DType.F32, DType.BF16, DType.Q4_K })
            {
                if (type == DType.Q4_K && kernels is KernelSet<Lanes16> or KernelSet<Lanes8>) continue;
                byte[] bytes = Rows.Encode(type, weights);
                using NativeBuffer input = Native.Copy<float>(x), blocks = Native.Copy<byte>(bytes), exact = new(3 * 7 * 4), asked = new(3 * 7 * 4);
                kernels.MatMul(input.Bytes.Cast<float>(), type, blocks.Bytes, 256, exact.Bytes.Cast<float>());
                kernels.MatMul(input.Bytes.Cast<float>(), type, blocks.Bytes, 256, asked.Bytes.Cast<float>(), ActivationPrecision.Int8);
                Assert.Equal(exact.Bytes.AsSpan().ToArray(), asked.Bytes.AsSpan().ToArray());
            }
        }
    }

    [Fact]
    public void The_widest_sets_have_every_type()
    {
        foreach (InstructionSet set in Cpu.Supported.Where(set => set >= InstructionSet.Avx2))
            Assert.All(Integers, type => Assert.NotNull(IntegerKernels.For(set)[type]));
    }

    public void Dispose()
    {
        foreach (KernelSet kernels in all)
        {
            kernels.Workers.Dispose();
            kernels.Dispose();
        }
    }

    private static int[] Columns(DType type) => type.BlockElements() == 256 ? [256, 768, 2048] : [32, 64, 256, 288, 2048];

    private static float[][] Together(KernelSet kernels, IntegerCase[] parts)
    {
        NativeBuffer[] results = [.. parts.Select(part => new NativeBuffer((long)part.Rows * part.Outputs * sizeof(float)))];
        MatMulPart[] asked = [.. parts.Zip(results, (part, result) => new MatMulPart(part.Type, part.Weights, result.Bytes.Cast<float>()))];
        kernels.MatMul(parts[0].X, parts[0].Columns, asked, ActivationPrecision.Int8);
        float[][] values = [.. results.Select(result => result.Bytes.Cast<float>().AsSpan().ToArray())];
        foreach (NativeBuffer result in results) result.Dispose();
        return values;
    }

    private void ForEach(IntegerCase product, Action<float, int, int> check)
    {
        foreach (KernelSet kernels in all.Where(kernels => kernels is KernelSet<Lanes16> or KernelSet<Lanes8>).Where(kernels => kernels.Workers.Workers == 2))
        {
            if (IntegerKernels.For(kernels is KernelSet<Lanes16> ? InstructionSet.Avx512 : InstructionSet.Avx2)[product.Type] is null) continue;
            float[] actual = product.Run(kernels, ActivationPrecision.Int8);
            for (int row = 0; row < product.Rows; row++)
                for (int output = 0; output < product.Outputs; output++) check(actual[(row * product.Outputs) + output], row, output);
        }
    }
}
