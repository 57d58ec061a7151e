using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Pages of <see cref="Q4_0"/> blocks. Values are such blocks; 32 features of the keys of a page are 288 bytes:
/// <code>
/// 0..31     16 scales, half, one a token
/// 32..287   16 times 16 bytes, one a token: feature i in the low and feature i + 16 in the high half
/// </code>
/// </summary>
internal readonly unsafe struct Q4_0Page : IPageFormat
{
    private const int Scales = KernelSet.PageTokens * sizeof(ushort);
    private const int BlockBytes = 18 * KernelSet.PageTokens;

    public static DType DType => DType.Q4_0;

    public static void StoreKey(float* key, int size, byte* page, int token)
    {
        byte* block = stackalloc byte[18];
        for (int start = 0; start < size; start += 32, page += BlockBytes)
        {
            Q4_0.Encode(key + start, block, 32, null);
            ((ushort*)page)[token] = *(ushort*)block;
            for (int i = 0; i < 16; i++) page[Scales + (i * KernelSet.PageTokens) + token] = block[2 + i];
        }
    }

    public static void StoreValue(float* value, int size, byte* row) => Q4_0.Encode(value, row, size, null);

    public static void LoadKeys<TLanes>(byte* page, byte* next, int size, float* tile, long stride)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float* scales = stackalloc float[KernelSet.PageTokens];
        sbyte* codes = stackalloc sbyte[2 * KernelSet.PageTokens];
        for (int start = 0; start < size; start += 32, page += BlockBytes, next += BlockBytes, tile += 32 * stride)
        {
            for (int line = 0; line < BlockBytes; line += 64) Cpu.Prefetch(next + line);
            for (int lane = 0; lane < KernelSet.PageTokens; lane += TLanes.Count) TLanes.Store(TLanes.LoadHalves((ushort*)page + lane), scales + lane);
            for (int i = 0; i < 16; i++)
            {
                Unpack(page + Scales + (i * KernelSet.PageTokens), codes);
                float* low = tile + (i * stride), high = low + (16 * stride);
                for (int lane = 0; lane < KernelSet.PageTokens; lane += TLanes.Count)
                {
                    TLanes scale = TLanes.Load(scales + lane);
                    TLanes.Store(TLanes.LoadBytes(codes + lane) * scale, low + lane);
                    TLanes.Store(TLanes.LoadBytes(codes + KernelSet.PageTokens + lane) * scale, high + lane);
                }
            }
        }
    }

    public static void LoadValue<TLanes>(byte* row, byte* next, int size, float* destination)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        sbyte* codes = stackalloc sbyte[32];
        for (int start = 0; start < size; start += 32, row += 18, next += 18)
        {
            Cpu.Prefetch(next);
            TLanes scale = TLanes.Broadcast(HalfFloats.ToSingle(*(ushort*)row));
            Unpack(row + 2, codes);
            for (int i = 0; i < 32; i += TLanes.Count) TLanes.Store(TLanes.LoadBytes(codes + i) * scale, destination + start + i);
        }
    }

    /// <summary>16 low halves, then 16 high halves, each less the middle.</summary>
    private static void Unpack(byte* packed, sbyte* codes)
    {
        Vector128<sbyte> middle = Vector128.Create((sbyte)8);
        (Vector128<byte> low, Vector128<byte> high) = CodePacking.Nibbles(packed);
        (low.AsSByte() - middle).Store(codes);
        (high.AsSByte() - middle).Store(codes + 16);
    }
}
