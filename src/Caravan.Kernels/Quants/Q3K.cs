using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Super-blocks of 256 elements in 110 bytes, 16 groups of 16: value = (scale · (group scale - 32)) · (code - 4).
/// <code>
/// 0..31     third bits of the codes: bit k of byte i belongs to element i + 32·k
/// 32..95    lower two bits of the codes: 32 bytes per 128 elements; byte i holds i, i + 32, i + 64, i + 96 from its lowest bits up
/// 96..103   lower four bits of the group scales: byte i holds scale i in its low and scale i + 8 in its high half
/// 104..107  upper two bits of the group scales: byte i holds scales i, i + 4, i + 8, i + 12 from its lowest bits up
/// 108..109  scale, half
/// </code>
/// </summary>
internal readonly unsafe partial struct Q3K : IBlockFormat
{
    private const int Bytes = 110;
    private const int ThirdBits = 0;
    private const int Codes = 32;
    private const int Scales = 96;
    private const int UpperScales = 104;
    private const int Scale = 108;
    private const int Group = 16;
    private const int Groups = 16;
    private const int Limit = 4;
    private const int ScaleLimit = 32;

    public static DType DType => DType.Q3_K;

    public static int BlockElements => SuperBlock.Elements;

    public static int BlockBytes => Bytes;

    public static void Encode(float* source, byte* blocks, long elements, float* importance)
    {
        byte* codes = stackalloc byte[SuperBlock.Elements];
        sbyte* steps = stackalloc sbyte[Groups];
        for (long start = 0; start < elements; start += SuperBlock.Elements, blocks += Bytes)
        {
            new Span<byte>(blocks, Bytes).Clear();
            float* values = source + start;
            float scale = importance is null
                ? Fit(values, codes, steps)
                : FitByImportance(values, importance + start, codes, steps);
            if (scale == 0) continue;

            *(ushort*)(blocks + Scale) = HalfFloats.FromSingle(scale);
            float stored = HalfFloats.ToSingle(*(ushort*)(blocks + Scale));
            for (int group = 0; group < Groups; group++)
                SuperBlock.RoundSymmetric(values + (group * Group), Group, stored * steps[group], Limit, codes + (group * Group));
            Pack(codes, steps, blocks);
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        Vector128<byte> mask = Vector128.Create((byte)3);
        Vector128<byte> limit = Vector128.Create((byte)Limit);
        for (float* end = destination + elements; destination < end; destination += SuperBlock.Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)(blocks + Scale));
            for (int group = 0; group < Groups; group++)
            {
                Vector128<byte> low = Vector128.Load(blocks + Codes + (group / 8 * 32) + (group % 2 * 16)) >> (group / 2 % 4 * 2) & mask;
                Vector128<byte> high = Vector128.Load(blocks + ThirdBits + (group % 2 * 16)) >> (group / 2) & Vector128<byte>.One;
                Vector128<sbyte> codes = ((low | high << 2) - limit).AsSByte();
                CodeLanes.Store(codes, Vector256.Create(scale * GroupScale(blocks, group)), destination + (group * Group));
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
                int low = blocks[Codes + (i / 128 * 32) + (i % 32)] >> (i / 32 % 4 * 2) & 3;
                int high = blocks[ThirdBits + (i % 32)] >> (i / 32) & 1;
                destination[i] = scale * GroupScale(blocks, i / Group) * ((low | high << 2) - Limit);
            }
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<Q3K>(blocks, activations, elements);

    private static int GroupScale(byte* block, int group)
    {
        int low = group < 8 ? block[Scales + group] & 15 : block[Scales + group - 8] >> 4;
        int high = block[UpperScales + (group % 4)] >> (group / 4 * 2) & 3;
        return (low | high << 4) - ScaleLimit;
    }

    private static float Fit(float* values, byte* codes, sbyte* steps)
    {
        float* scales = stackalloc float[Groups];
        for (int group = 0; group < Groups; group++)
            scales[group] = ScaleSearch.SymmetricByDescent(values + (group * Group), Group, Limit, codes + (group * Group));
        return SuperBlock.SignedStepsOfLargest(scales, Groups, ScaleLimit, float.Epsilon, steps);
    }

    private static float FitByImportance(float* values, float* importance, byte* codes, sbyte* steps)
    {
        float* scales = stackalloc float[Groups];
        float* weightSums = stackalloc float[Groups];
        float* weights = stackalloc float[Group];
        float spread = 2 * Importance.MeanSquare(values, SuperBlock.Elements);
        for (int group = 0; group < Groups; group++)
        {
            int start = group * Group;
            weightSums[group] = Importance.Weigh(values + start, importance + start, Group, spread, weights);
            scales[group] = ScaleSearch.Symmetric(values + start, weights, Group, Limit, codes + start);
        }

        byte* shifted = stackalloc byte[Groups];
        float scale = ScaleSearch.Symmetric(scales, weightSums, Groups, ScaleLimit, shifted);
        for (int group = 0; group < Groups; group++) steps[group] = (sbyte)(shifted[group] - ScaleLimit);
        return scale;
    }

    private static void Pack(byte* codes, sbyte* steps, byte* block)
    {
        for (int i = 0; i < SuperBlock.Elements; i++) block[ThirdBits + (i % 32)] |= (byte)(codes[i] >> 2 << (i / 32));
        SuperBlock.PackPairsOfBits(codes, block + Codes);
        for (int group = 0; group < Groups; group++)
        {
            int shifted = steps[group] + ScaleLimit;
            block[Scales + (group % 8)] |= (byte)((shifted & 15) << (group / 8 * 4));
            block[UpperScales + (group % 4)] |= (byte)(shifted >> 4 << (group / 4 * 2));
        }
    }
}
