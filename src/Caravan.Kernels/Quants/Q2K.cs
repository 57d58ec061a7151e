using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Super-blocks of 256 elements in 84 bytes, 16 groups of 16: value = (scale · group scale) · code - minimum · group minimum.
/// <code>
/// 0..15    group scales (low half of the byte) and group minima (high half), 4 bits each
/// 16..79   2-bit codes: 32 bytes per 128 elements; byte i holds elements i, i + 32, i + 64, i + 96 from its lowest bits up
/// 80..81   scale, half
/// 82..83   minimum, half
/// </code>
/// </summary>
internal readonly unsafe partial struct Q2K : IBlockFormat
{
    private const int Bytes = 84;
    private const int Codes = 16;
    private const int Scale = 80;
    private const int Minimum = 82;
    private const int Group = 16;
    private const int Groups = 16;

    private static AffineSuperBlock Encoder => new(Group, 3, 15, new AffineSearch(-0.5f, 0.1f, 16, Absolute: true), false, 1);

    public static DType DType => DType.Q2_K;

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
            (*(ushort*)(blocks + Scale), *(ushort*)(blocks + Minimum)) = Encoder.Encode(source + start, weights, codes, scales, minima);
            for (int i = 0; i < Groups; i++) blocks[i] = (byte)(scales[i] | minima[i] << 4);
            SuperBlock.PackPairsOfBits(codes, blocks + Codes);
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        Vector128<byte> mask = Vector128.Create((byte)3);
        for (float* end = destination + elements; destination < end; destination += SuperBlock.Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)(blocks + Scale));
            float minimum = HalfFloats.ToSingle(*(ushort*)(blocks + Minimum));
            for (int group = 0; group < Groups; group++)
            {
                Vector256<float> groupScale = Vector256.Create(scale * (blocks[group] & 15));
                Vector256<float> offset = Vector256.Create(-(minimum * (blocks[group] >> 4)));
                Vector128<byte> packed = Vector128.Load(blocks + Codes + (group / 8 * 32) + (group % 2 * 16));
                CodeLanes.Store(packed >> (group / 2 % 4 * 2) & mask, groupScale, offset, destination + (group * Group));
            }
        }
    }

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += SuperBlock.Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)(blocks + Scale));
            float minimum = HalfFloats.ToSingle(*(ushort*)(blocks + Minimum));
            for (int i = 0; i < SuperBlock.Elements; i++)
            {
                int group = blocks[i / Group];
                int code = blocks[Codes + (i / 128 * 32) + (i % 32)] >> (i / 32 % 4 * 2) & 3;
                destination[i] = (scale * (group & 15) * code) - (minimum * (group >> 4));
            }
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<Q2K>(blocks, activations, elements);
}
