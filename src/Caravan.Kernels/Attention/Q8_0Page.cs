namespace Caravan.Kernels;

/// <summary>
/// Pages of <see cref="Q8_0"/> blocks. Values are such blocks; 32 features of the keys of a page are 544 bytes:
/// <code>
/// 0..31     16 scales, half, one a token
/// 32..543   32 features of 16 signed 8-bit codes, one a token
/// </code>
/// </summary>
internal readonly unsafe struct Q8_0Page : IPageFormat
{
    private const int Scales = KernelSet.PageTokens * sizeof(ushort);
    private const int BlockBytes = 34 * KernelSet.PageTokens;

    public static DType DType => DType.Q8_0;

    public static void StoreKey(float* key, int size, byte* page, int token)
    {
        byte* block = stackalloc byte[34];
        for (int start = 0; start < size; start += 32, page += BlockBytes)
        {
            Q8_0.Encode(key + start, block, 32, null);
            ((ushort*)page)[token] = *(ushort*)block;
            for (int i = 0; i < 32; i++) page[Scales + (i * KernelSet.PageTokens) + token] = block[2 + i];
        }
    }

    public static void StoreValue(float* value, int size, byte* row) => Q8_0.Encode(value, row, size, null);

    public static void LoadKeys<TLanes>(byte* page, byte* next, int size, float* tile, long stride)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float* scales = stackalloc float[KernelSet.PageTokens];
        for (int start = 0; start < size; start += 32, page += BlockBytes, next += BlockBytes)
        {
            for (int line = 0; line < BlockBytes; line += 64) Cpu.Prefetch(next + line);
            for (int lane = 0; lane < KernelSet.PageTokens; lane += TLanes.Count) TLanes.Store(TLanes.LoadHalves((ushort*)page + lane), scales + lane);
            sbyte* codes = (sbyte*)page + Scales;
            for (int i = 0; i < 32; i++, codes += KernelSet.PageTokens, tile += stride)
            {
                for (int lane = 0; lane < KernelSet.PageTokens; lane += TLanes.Count)
                    TLanes.Store(TLanes.LoadBytes(codes + lane) * TLanes.Load(scales + lane), tile + lane);
            }
        }
    }

    public static void LoadValue<TLanes>(byte* row, byte* next, int size, float* destination)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int start = 0; start < size; start += 32, row += 34, next += 34)
        {
            Cpu.Prefetch(next);
            TLanes scale = TLanes.Broadcast(HalfFloats.ToSingle(*(ushort*)row));
            for (int i = 0; i < 32; i += TLanes.Count) TLanes.Store(TLanes.LoadBytes((sbyte*)row + 2 + i) * scale, destination + start + i);
        }
    }
}
