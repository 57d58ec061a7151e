using System.Runtime.Intrinsics;

namespace Caravan.Kernels.Tests;

/// <summary>What 512-bit registers hold after unpacking is what the scalar decoder says.</summary>
public sealed unsafe class Unpack512Tests
{
    private const ushort One = 0x3C00;

    [Fact]
    public void Scale_times_code_plus_offset_is_the_weight()
    {
        if (Cpu.Best < InstructionSet.Avx512) return;
        Check<Q4_0>();
        Check<Q4_1>();
        Check<Q5_0>();
        Check<Q5_1>();
        Check<Q8_0>();
        Check<Q2K>();
        Check<Q3K>();
        Check<Q4K>();
        Check<Q5K>();
        Check<Q6K>();
        Check<IQ4_NL>();
        Check<IQ4_XS>();
    }

    private static void Check<TBlock>()
        where TBlock : struct, IUnpack512
    {
        Random random = new(1);
        bool signed = TBlock.CodeBits == 8;
        float* expected = stackalloc float[256], scales = stackalloc float[16], offsets = stackalloc float[16];
        byte* codes = stackalloc byte[256];
        for (int trial = 0; trial < 200; trial++)
        {
            byte[] bytes = IntegerCase.RandomBlocks(TBlock.DType, random, 256, () => One);
            fixed (byte* blocks = bytes)
            {
                TBlock.DecodeScalar(blocks, expected, 256);
                Vector512<float> scale = TBlock.Scales512(blocks);
                scale.Store(scales);
                TBlock.Offsets512(blocks, scale).Store(offsets);
                for (int quarter = 0; quarter < 4; quarter++) TBlock.Codes512(blocks, quarter).Store(codes + (64 * quarter));
            }

            for (int i = 0; i < 256; i++)
            {
                Assert.Equal(expected[i], signed ? scales[i / 16] * (sbyte)codes[i] : (scales[i / 16] * codes[i]) + offsets[i / 16]);
                Assert.True(signed || codes[i] < 1 << TBlock.CodeBits);
                Assert.Equal(scales[i / TBlock.GroupColumns * TBlock.GroupColumns / 16], scales[i / 16]);
            }
        }
    }
}
