namespace Caravan.Kernels.Tests;

/// <summary>Weights that were interleaved at load: the same sums as panels, in the same order for every number of activations.</summary>
public sealed class InterleavedTests : IDisposable
{
    private const ushort One = 0x3C00;

    private readonly List<KernelSet> all = [.. Cpu.Supported.SelectMany(set => new[] { 1, 3 }.Select(threads => KernelSet.For(set, new WorkerPool(threads))))];

    public static TheoryData<DType> Types => [DType.Q4_0, DType.Q8_0, DType.Q4_K, DType.Q6_K];

    [Theory]
    [MemberData(nameof(Types))]
    public void Results_are_those_of_the_file_order_and_do_not_depend_on_the_batch(DType type)
    {
        Random random = new(1);
        foreach ((int outputs, int columns) in new[] { (16, 256), (48, 512), (80, 768) })
        {
            float[] x = Rows.Make(37 * columns, i => Rows.Normal(random) * (i % 50 == 0 ? 20 : 1));
            ushort Half() => BitConverter.HalfToUInt16Bits((Half)((random.NextDouble() - 0.5) / 16));
            byte[] blocks = IntegerCase.RandomBlocks(type, random, outputs * columns, Half);
            foreach (KernelSet kernels in all.Where(kernels => kernels.CanInterleave(type, outputs, columns)))
            {
                using IntegerCase whole = new(type, blocks, x, columns);
                float[] panels = whole.Run(kernels, ActivationPrecision.Int8);
                for (int rows = 1; rows <= 37; rows = rows < 9 ? rows + 1 : rows + 14)
                    Assert.Equal(panels[..(rows * outputs)], Interleaved(kernels, type, blocks, x[..(rows * columns)], columns));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Integers_are_exact(DType type)
    {
        Random random = new(2);
        int largest = type.BlockElements() == 256 ? 5 : 127;
        float[] x = Rows.Make(6 * 512, i => i % 32 == i / 32 % 32 ? 127 : random.Next(-largest, largest + 1));
        byte[] blocks = IntegerCase.RandomBlocks(type, random, 32 * 512, () => One);
        using IntegerCase product = new(type, blocks, x, 512);
        foreach (KernelSet kernels in all.Where(kernels => kernels.CanInterleave(type, 32, 512)))
        {
            float[] actual = Interleaved(kernels, type, blocks, x, 512);
            for (int row = 0; row < 6; row++)
                for (int output = 0; output < 32; output++) Assert.Equal(product.Real(row, output), actual[(row * 32) + output]);
        }
    }

    [Fact]
    public void Only_whole_groups_of_rows_and_steps_can_be_interleaved()
    {
        foreach (KernelSet kernels in all)
        {
            Assert.False(kernels.CanInterleave(DType.Q4_0, 24, 256));
            Assert.False(kernels.CanInterleave(DType.Q4_0, 32, 288));
            Assert.False(kernels.CanInterleave(DType.F32, 32, 256));
        }
    }

    [Fact]
    public void Exact_products_refuse_interleaved_weights()
    {
        foreach (KernelSet kernels in all)
        {
            using NativeBuffer x = new(256 * sizeof(float)), weights = new(DType.Q4_0.Bytes(16 * 256)), y = new(16 * sizeof(float));
            CaravanException failure = Assert.Throws<CaravanException>(() => kernels.MatMul(
                x.Bytes.Cast<float>(), 256, [new MatMulPart(DType.Q4_0, weights.Bytes, y.Bytes.Cast<float>(), Interleaved: true)], ActivationPrecision.Exact));
            Assert.Contains("repacked", failure.Message, StringComparison.Ordinal);
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

    private static float[] Interleaved(KernelSet kernels, DType type, byte[] blocks, float[] x, int columns)
    {
        int rows = x.Length / columns, outputs = (int)(blocks.Length / type.Bytes(columns));
        using NativeBuffer input = Native.Copy<float>(x), source = Native.Copy<byte>(blocks), moved = new(blocks.Length);
        using NativeBuffer y = new((long)rows * outputs * sizeof(float));
        kernels.Interleave(type, source.Bytes, columns, moved.Bytes);
        kernels.MatMul(
            input.Bytes.Cast<float>(), columns, [new MatMulPart(type, moved.Bytes, y.Bytes.Cast<float>(), Interleaved: true)], ActivationPrecision.Int8);
        return y.Bytes.Cast<float>().AsSpan().ToArray();
    }
}
