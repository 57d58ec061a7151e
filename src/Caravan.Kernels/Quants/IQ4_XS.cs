using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Super-blocks of 256 elements in 136 bytes, 8 groups of 32: value = (scale · (group scale - 32)) · <see cref="Codebook"/>[code].
/// <code>
/// 0..1     scale, half
/// 2..3     upper two bits of the group scales, group 0 in the lowest
/// 4..7     lower four bits of the group scales: byte i holds group 2i in its low and group 2i + 1 in its high half
/// 8..135   4-bit codes, 16 bytes per group: byte i holds element i in its low and element i + 16 in its high half
/// </code>
/// </summary>
internal readonly unsafe partial struct IQ4_XS : IBlockFormat
{
    private const int Bytes = 136;
    private const int UpperScales = 2;
    private const int LowerScales = 4;
    private const int Codes = 8;
    private const int Group = 32;
    private const int Groups = 8;
    private const int ScaleLimit = 32;

    public static DType DType => DType.IQ4_XS;

    public static int BlockElements => SuperBlock.Elements;

    public static int BlockBytes => Bytes;

    public static void Encode(float* source, byte* blocks, long elements, float* importance)
    {
        float* scales = stackalloc float[Groups];
        byte* codes = stackalloc byte[Group];
        for (long start = 0; start < elements; start += SuperBlock.Elements, blocks += Bytes)
        {
            new Span<byte>(blocks, Codes).Clear();
            float* values = source + start;
            Fit(values, importance is null ? null : importance + start, scales);

            // Unlike the K types this one rounds its codes by the scale before that is rounded to a half.
            float scale = -BlockScale.SignedLargest(scales, Groups) / ScaleLimit;
            float inverse = scale != 0 ? 1 / scale : 0;
            *(ushort*)blocks = HalfFloats.FromSingle(scale);
            for (int group = 0; group < Groups; group++)
            {
                int step = Math.Clamp(ScaleSearch.Round(inverse * scales[group]), -ScaleLimit, ScaleLimit - 1);
                CodebookSearch.Round(values + (group * Group), scale * step, codes);
                CodePacking.PackNibbles(codes, blocks + Codes + (group * 16));
                PackStep(blocks, group, step + ScaleLimit);
            }
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)blocks);
            for (int group = 0; group < Groups; group++, destination += Group)
            {
                Vector256<float> groupScale = Vector256.Create(scale * Step(blocks, group));
                (Vector128<sbyte> first, Vector128<sbyte> second) = Codebook.Unpack(blocks + Codes + (group * 16));
                CodeLanes.Store(first, groupScale, destination);
                CodeLanes.Store(second, groupScale, destination + 16);
            }
        }
    }

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += SuperBlock.Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)blocks);
            for (int i = 0; i < SuperBlock.Elements; i++)
            {
                int code = blocks[Codes + (i / Group * 16) + (i % 16)] >> (i / 16 % 2 * 4) & 15;
                destination[i] = scale * Step(blocks, i / Group) * Codebook.Values[code];
            }
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<IQ4_XS>(blocks, activations, elements);

    private static void Fit(float* values, float* importance, float* scales)
    {
        float* weights = stackalloc float[Group];
        float spread = 2 * Importance.MeanSquare(values, SuperBlock.Elements);
        for (int group = 0; group < Groups; group++)
        {
            int start = group * Group;
            CodebookSearch.Weigh(values + start, importance is null ? null : importance + start, spread, weights);
            scales[group] = CodebookSearch.Scale(values + start, weights);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Step(byte* block, int group)
    {
        int lower = block[LowerScales + (group / 2)] >> (group % 2 * 4) & 15;
        int upper = *(ushort*)(block + UpperScales) >> (2 * group) & 3;
        return (lower | upper << 4) - ScaleLimit;
    }

    /// <summary>All eight group scales less 32, each twice: one for each 16 elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Steps(byte* block)
    {
        ulong lower = *(uint*)(block + LowerScales), upper = *(ushort*)(block + UpperScales);
        lower = (lower | lower << 16) & 0x0000_FFFF_0000_FFFF;
        lower = (lower | lower << 8) & 0x00FF_00FF_00FF_00FF;
        lower = (lower | lower << 4) & 0x0F0F_0F0F_0F0F_0F0F;
        upper = (upper | upper << 24) & 0x0000_00FF_0000_00FF;
        upper = (upper | upper << 12) & 0x000F_000F_000F_000F;
        upper = (upper | upper << 6) & 0x0303_0303_0303_0303;
        return SixBitScales.Twice(lower | upper << 4).AsSByte() - Vector128.Create((sbyte)ScaleLimit);
    }

    private static void PackStep(byte* block, int group, int step)
    {
        block[LowerScales + (group / 2)] |= (byte)((step & 15) << (group % 2 * 4));
        *(ushort*)(block + UpperScales) |= (ushort)(step >> 4 << (2 * group));
    }
}
