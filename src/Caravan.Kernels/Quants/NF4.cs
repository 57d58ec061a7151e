using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Blocks of 64 elements in 36 bytes: value = scale · <see cref="Values"/>[code], where the values are quantiles of a normal distribution, scaled to
/// end at ±1 and to have 0 among them (Dettmers et al. 2023, "QLoRA", section 3 and appendix E).
/// <code>
/// 0..3    scale, single: the largest magnitude
/// 4..35   4-bit codes: byte i holds element 2i in its high and element 2i + 1 in its low half
/// </code>
/// The codes are those of bitsandbytes; GGUF has no such type.
/// </summary>
internal readonly unsafe struct NF4 : IBlockFormat
{
    private const int Elements = 64;
    private const int Bytes = 36;
    private const int Codes = 4;

    /// <summary>The values by their codes, ascending.</summary>
    internal static ReadOnlySpan<float> Values =>
    [
        -1, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0,
        0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1,
    ];

    private static readonly float[] Middles = [.. Enumerable.Range(0, 15).Select(code => (Values[code] + Values[code + 1]) / 2)];

    public static DType DType => DType.NF4;

    public static int BlockElements => Elements;

    public static int BlockBytes => Bytes;

    public static void Encode(float* source, byte* blocks, long elements, float* importance)
    {
        for (float* end = source + elements; source < end; source += Elements, blocks += Bytes)
        {
            float largest = 0;
            for (int i = 0; i < Elements; i++) largest = MathF.Max(largest, MathF.Abs(source[i]));
            *(float*)blocks = largest;
            float divisor = largest == 0 ? 1 : largest;
            for (int i = 0; i < Elements; i += 2) blocks[Codes + (i / 2)] = (byte)((Nearest(source[i] / divisor) << 4) | Nearest(source[i + 1] / divisor));
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        Vector256<float> low = Vector256.Create(Values), high = Vector256.Create(Values[8..]);
        for (float* end = destination + elements; destination < end; destination += Elements, blocks += Bytes)
        {
            Vector256<float> scale = Vector256.Create(*(float*)blocks);
            for (int i = 0; i < Elements; i += 16)
            {
                Vector128<byte> packed = Vector128.CreateScalar(*(ulong*)(blocks + Codes + (i / 2))).AsByte();
                // Each byte twice, its high half in the first of the two.
                Vector128<byte> twice = Vector128.Shuffle(packed, Vector128.Create((byte)0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
                Vector128<byte> codes = Vector128.ConditionalSelect(Vector128.Create((ushort)0x00FF).AsByte(), twice >>> 4, twice & Vector128.Create((byte)15));
                Vector128<ushort> first = Vector128.WidenLower(codes), second = Vector128.WidenUpper(codes);
                Store(Vector256.Create(Vector128.WidenLower(first), Vector128.WidenUpper(first)), low, high, scale, destination + i);
                Store(Vector256.Create(Vector128.WidenLower(second), Vector128.WidenUpper(second)), low, high, scale, destination + i + 8);
            }
        }
    }

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += Elements, blocks += Bytes)
        {
            float scale = *(float*)blocks;
            for (int i = 0; i < Elements; i += 2)
            {
                destination[i] = scale * Values[blocks[Codes + (i / 2)] >> 4];
                destination[i + 1] = scale * Values[blocks[Codes + (i / 2)] & 15];
            }
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<NF4>(blocks, activations, elements);

    /// <summary>How many middles between neighbouring values are below x.</summary>
    private static int Nearest(float x)
    {
        int code = x > Middles[7] ? 8 : 0;
        code += x > Middles[code + 3] ? 4 : 0;
        code += x > Middles[code + 1] ? 2 : 0;
        return code + (x > Middles[code] ? 1 : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<uint> codes, Vector256<float> low, Vector256<float> high, Vector256<float> scale, float* destination)
    {
        Vector256<int> lane = (codes & Vector256.Create(7u)).AsInt32();
        Vector256<float> value = Vector256.ConditionalSelect(
            Vector256.GreaterThan(codes, Vector256.Create(7u)).AsSingle(), Vector256.Shuffle(high, lane), Vector256.Shuffle(low, lane));
        (value * scale).Store(destination);
    }
}
