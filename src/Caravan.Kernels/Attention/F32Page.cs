namespace Caravan.Kernels;

/// <summary>Pages of floats: nothing is rounded.</summary>
internal readonly unsafe struct F32Page : IPageFormat
{
    public static DType DType => DType.F32;

    public static void StoreKey(float* key, int size, byte* page, int token)
    {
        float* destination = (float*)page + token;
        for (int i = 0; i < size; i++) destination[(long)i * KernelSet.PageTokens] = key[i];
    }

    public static void StoreValue(float* value, int size, byte* row) => F32.Encode(value, row, size, null);

    public static void LoadKeys<TLanes>(byte* page, byte* next, int size, float* tile, long stride)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int i = 0; i < size; i++, page += KernelSet.PageTokens * sizeof(float), next += KernelSet.PageTokens * sizeof(float), tile += stride)
        {
            Cpu.Prefetch(next);
            for (int lane = 0; lane < KernelSet.PageTokens; lane += TLanes.Count) TLanes.Store(TLanes.Load((float*)page + lane), tile + lane);
        }
    }

    public static void LoadValue<TLanes>(byte* row, byte* next, int size, float* destination)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int line = 0; line < size * sizeof(float); line += 64) Cpu.Prefetch(next + line);
        F32.Decode(row, destination, size);
    }
}
