using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Super-blocks of 256 elements in 176 bytes, 8 groups of 32: value = (scale · group scale) · code - minimum · group minimum.
/// <code>
/// 0..1      scale, half
/// 2..3      minimum, half
/// 4..15     group scales and minima, 6 bits each (<see cref="SixBitScales"/>)
/// 16..47    fifth bits of the codes: bit k of byte i belongs to element i + 32·k
/// 48..175   lower four bits: 32 bytes per 64 elements; byte i holds element i in its low and element i + 32 in its high half
/// </code>
/// </summary>
internal readonly unsafe partial struct Q5K : IBlockFormat
{
    private const int Bytes = 176;
    private const int Minimum = 2;
    private const int Scales = 4;
    private const int FifthBits = 16;
    private const int Codes = 48;
    private const int Group = 32;
    private const int Groups = 8;

    private static AffineSuperBlock Encoder => new(Group, 31, 63, new AffineSearch(-0.5f, 0.1f, 16), true, 2);

    public static DType DType => DType.Q5_K;

    public static int BlockElements => SuperBlock.Elements;

    public static int BlockBytes => Bytes;

    public static void Encode(float* source, byte* blocks, long elements, float* importance)
    {
        byte* codes = stackalloc byte[SuperBlock.Elements];
        byte* scales = stackalloc byte[Groups];
        byte* minima = stackalloc byte[Groups];
        for (long start = 0; start < elements; start += SuperBlock.Elements, blocks += Bytes)
        {
            float* weights = importance is null ? null : importance + start;
            (*(ushort*)blocks, *(ushort*)(blocks + Minimum)) = Encoder.Encode(source + start, weights, codes, scales, minima);
            SixBitScales.Pack(scales, minima, blocks + Scales);
            Pack(codes, blocks);
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += SuperBlock.Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)blocks);
            float minimum = HalfFloats.ToSingle(*(ushort*)(blocks + Minimum));
            for (int group = 0; group < Groups; group++)
            {
                (int scaleSteps, int minimumSteps) = SixBitScales.Read(blocks + Scales, group);
                Vector256<float> groupScale = Vector256.Create(scale * scaleSteps);
                Vector256<float> offset = Vector256.Create(-(minimum * minimumSteps));
                float* target = destination + (group * Group);
                CodeLanes.Store(SixteenCodes(blocks, group, 0), groupScale, offset, target);
                CodeLanes.Store(SixteenCodes(blocks, group, 16), groupScale, offset, target + 16);
            }
        }
    }

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += SuperBlock.Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)blocks);
            float minimum = HalfFloats.ToSingle(*(ushort*)(blocks + Minimum));
            for (int i = 0; i < SuperBlock.Elements; i++)
            {
                (int scaleSteps, int minimumSteps) = SixBitScales.Read(blocks + Scales, i / Group);
                int low = blocks[Codes + (i / 64 * 32) + (i % 32)] >> (i / 32 % 2 * 4) & 15;
                int high = blocks[FifthBits + (i % 32)] >> (i / 32) & 1;
                destination[i] = (scale * scaleSteps * (low | high << 4)) - (minimum * minimumSteps);
            }
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<Q5K>(blocks, activations, elements);

    private static Vector128<byte> SixteenCodes(byte* block, int group, int start)
    {
        Vector128<byte> low = Vector128.Load(block + Codes + (group / 2 * 32) + start) >> (group % 2 * 4);
        Vector128<byte> high = Vector128.Load(block + FifthBits + start) >> group & Vector128<byte>.One;
        return low & Vector128.Create((byte)15) | high << 4;
    }

    private static void Pack(byte* codes, byte* block)
    {
        new Span<byte>(block + FifthBits, 32).Clear();
        for (int i = 0; i < SuperBlock.Elements; i++) block[FifthBits + (i % 32)] |= (byte)(codes[i] >> 4 << (i / 32));
        for (int i = 0; i < SuperBlock.Elements / 2; i++)
        {
            byte* pair = codes + (i / 32 * 64) + (i % 32);
            block[Codes + i] = (byte)((pair[0] & 15) | pair[32] << 4);
        }
    }
}
