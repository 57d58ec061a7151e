using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Super-blocks of 256 elements in 210 bytes, 16 groups of 16: value = (scale · group scale) · (code - 32).
/// <code>
/// 0..127     lower four bits of the codes: 64 bytes per 128 elements; byte i holds element i (low half) and i + 64 (high half)
/// 128..191   upper two bits: 32 bytes per 128 elements; byte i holds elements i, i + 32, i + 64, i + 96 from its lowest bits up
/// 192..207   group scales, signed bytes
/// 208..209   scale, half
/// </code>
/// </summary>
internal readonly unsafe partial struct Q6K : IBlockFormat
{
    private const int Bytes = 210;
    private const int UpperBits = 128;
    private const int Scales = 192;
    private const int Scale = 208;
    private const int Group = 16;
    private const int Groups = 16;
    private const int Limit = 32;
    private const int ScaleLimit = 128;

    public static DType DType => DType.Q6_K;

    public static int BlockElements => SuperBlock.Elements;

    public static int BlockBytes => Bytes;

    public static void Encode(float* source, byte* blocks, long elements, float* importance)
    {
        byte* codes = stackalloc byte[SuperBlock.Elements];
        for (long start = 0; start < elements; start += SuperBlock.Elements, blocks += Bytes)
        {
            new Span<byte>(blocks, Bytes).Clear();
            float* values = source + start;
            sbyte* steps = (sbyte*)blocks + Scales;
            float scale = Fit(values, importance is null ? null : importance + start, codes, steps);
            if (scale == 0) continue;

            *(ushort*)(blocks + Scale) = HalfFloats.FromSingle(scale);
            float stored = HalfFloats.ToSingle(*(ushort*)(blocks + Scale));
            for (int group = 0; group < Groups; group++)
                SuperBlock.RoundSymmetric(values + (group * Group), Group, stored * steps[group], Limit, codes + (group * Group));
            Pack(codes, blocks);
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        Vector128<byte> nibble = Vector128.Create((byte)15);
        Vector128<byte> pair = Vector128.Create((byte)3);
        Vector128<byte> limit = Vector128.Create((byte)Limit);
        for (float* end = destination + elements; destination < end; destination += SuperBlock.Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)(blocks + Scale));
            for (int group = 0; group < Groups; group++)
            {
                int half = group / 8, part = group % 8;
                Vector128<byte> low = Vector128.Load(blocks + (half * 64) + (part % 4 * 16)) >> (part / 4 * 4) & nibble;
                Vector128<byte> high = Vector128.Load(blocks + UpperBits + (half * 32) + (part % 2 * 16)) >> (part / 2 * 2) & pair;
                Vector128<sbyte> codes = ((low | high << 4) - limit).AsSByte();
                float groupScale = scale * (sbyte)blocks[Scales + group];
                CodeLanes.Store(codes, Vector256.Create(groupScale), destination + (group * Group));
            }
        }
    }

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += SuperBlock.Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)(blocks + Scale));
            for (int i = 0; i < SuperBlock.Elements; i++)
            {
                int low = blocks[(i / 128 * 64) + (i % 64)] >> (i / 64 % 2 * 4) & 15;
                int high = blocks[UpperBits + (i / 128 * 32) + (i % 32)] >> (i / 32 % 4 * 2) & 3;
                destination[i] = scale * (sbyte)blocks[Scales + (i / Group)] * ((low | high << 4) - Limit);
            }
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<Q6K>(blocks, activations, elements);

    private static float Fit(float* values, float* importance, byte* codes, sbyte* steps)
    {
        float* scales = stackalloc float[Groups];
        float* squares = stackalloc float[Group];
        for (int group = 0; group < Groups; group++)
        {
            int start = group * Group;
            for (int i = 0; i < Group; i++) squares[i] = values[start + i] * values[start + i];
            float* weights = importance is null ? squares : importance + start;
            scales[group] = ScaleSearch.Symmetric(values + start, weights, Group, Limit, codes + start);
        }

        return SuperBlock.SignedStepsOfLargest(scales, Groups, ScaleLimit, ScaleSearch.Negligible, steps);
    }

    private static void Pack(byte* codes, byte* block)
    {
        for (int half = 0; half < 2; half++, codes += 128)
        {
            for (int i = 0; i < 64; i++) block[(half * 64) + i] = (byte)((codes[i] & 15) | codes[i + 64] << 4);
            for (int i = 0; i < 32; i++)
            {
                int upper = codes[i] >> 4 | codes[i + 32] >> 4 << 2 | codes[i + 64] >> 4 << 4 | codes[i + 96] >> 4 << 6;
                block[UpperBits + (half * 32) + i] = (byte)upper;
            }
        }
    }
}
