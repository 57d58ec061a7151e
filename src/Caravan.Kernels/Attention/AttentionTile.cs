namespace Caravan.Kernels;

/// <summary>The keys and values that one worker has in hand, as floats.</summary>
internal unsafe struct AttentionTile
{
    /// <summary>Keys per tile: whole pages, whole registers.</summary>
    public const int Keys = 64;

    /// <summary>[features, <see cref="Keys"/>]: a register holds one feature of many keys.</summary>
    public float* TurnedKeys;

    /// <summary>[<see cref="Keys"/>, <see cref="ValueStride"/>], zero beyond the features.</summary>
    public float* Values;

    /// <summary>Features of a value, rounded up to whole registers.</summary>
    public int ValueStride;
}
