using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q8_0 : IUnpack512
{
    public static int CodeBits => 8;

    public static int GroupColumns => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scales512(byte* blocks) => Unpacking512.Halves(blocks, Bytes);

    public static Vector512<float> Offsets512(byte* blocks, Vector512<float> scales) => Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Codes512(byte* blocks, int quarter)
    {
        byte* first = blocks + (quarter * 2 * Bytes) + Codes;
        return Avx512F.InsertVector256(Vector256.Load(first).ToVector512Unsafe(), Vector256.Load(first + Bytes), 1);
    }
}
