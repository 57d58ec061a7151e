namespace Caravan.Kernels;

/// <summary>Pages of halves: each number rounded to 11 bits; beyond 65504 it becomes infinite, which shows in the logits.</summary>
internal readonly unsafe struct F16Page : IPageFormat
{
    private const int FeatureBytes = KernelSet.PageTokens * sizeof(ushort);

    public static DType DType => DType.F16;

    public static void StoreKey(float* key, int size, byte* page, int token)
    {
        ushort* destination = (ushort*)page + token;
        for (int i = 0; i < size; i++) destination[(long)i * KernelSet.PageTokens] = HalfFloats.FromSingle(key[i]);
    }

    public static void StoreValue(float* value, int size, byte* row) => HalfFloats.FromSingle(value, (ushort*)row, size);

    public static void LoadKeys<TLanes>(byte* page, byte* next, int size, float* tile, long stride)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int i = 0; i < size; i++, page += FeatureBytes, next += FeatureBytes, tile += stride)
        {
            Cpu.Prefetch(next);
            for (int lane = 0; lane < KernelSet.PageTokens; lane += TLanes.Count)
                TLanes.Store(TLanes.LoadHalves((ushort*)page + lane), tile + lane);
        }
    }

    public static void LoadValue<TLanes>(byte* row, byte* next, int size, float* destination)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int line = 0; line < size * sizeof(ushort); line += 64) Cpu.Prefetch(next + line);
        ushort* halves = (ushort*)row;
        int i = 0;
        for (; i + TLanes.Count <= size; i += TLanes.Count) TLanes.Store(TLanes.LoadHalves(halves + i), destination + i);
        for (; i < size; i++) destination[i] = HalfFloats.ToSingle(halves[i]);
    }
}
