using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Super-blocks of 256 elements in 144 bytes, 8 groups of 32: value = (scale · group scale) · code - minimum · group minimum.
/// <code>
/// 0..1      scale, half
/// 2..3      minimum, half
/// 4..15     group scales and minima, 6 bits each (<see cref="SixBitScales"/>)
/// 16..143   4-bit codes: 32 bytes per 64 elements; byte i holds element i in its low and element i + 32 in its high half
/// </code>
/// </summary>
internal readonly unsafe partial struct Q4K : IBlockFormat
{
    private const int Bytes = 144;
    private const int Minimum = 2;
    private const int Scales = 4;
    private const int Codes = 16;
    private const int Group = 32;
    private const int Groups = 8;

    private static AffineSuperBlock Encoder => new(Group, 15, 63, new AffineSearch(-1, 0.1f, 21), true, 2);

    public static DType DType => DType.Q4_K;

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
            for (int i = 0; i < SuperBlock.Elements / 2; i++)
            {
                byte* pair = codes + (i / 32 * 64) + (i % 32);
                blocks[Codes + i] = (byte)(pair[0] | pair[32] << 4);
            }
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        Vector128<byte> nibble = Vector128.Create((byte)15);
        for (float* end = destination + elements; destination < end; destination += SuperBlock.Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)blocks);
            float minimum = HalfFloats.ToSingle(*(ushort*)(blocks + Minimum));
            for (int group = 0; group < Groups; group++)
            {
                (int scaleSteps, int minimumSteps) = SixBitScales.Read(blocks + Scales, group);
                Vector256<float> groupScale = Vector256.Create(scale * scaleSteps);
                Vector256<float> offset = Vector256.Create(-(minimum * minimumSteps));
                byte* packed = blocks + Codes + (group / 2 * 32);
                int shift = group % 2 * 4;
                float* target = destination + (group * Group);
                CodeLanes.Store(Vector128.Load(packed) >> shift & nibble, groupScale, offset, target);
                CodeLanes.Store(Vector128.Load(packed + 16) >> shift & nibble, groupScale, offset, target + 16);
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
                int code = blocks[Codes + (i / 64 * 32) + (i % 32)] >> (i / 32 % 2 * 4) & 15;
                destination[i] = (scale * scaleSteps * code) - (minimum * minimumSteps);
            }
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<Q4K>(blocks, activations, elements);
}
