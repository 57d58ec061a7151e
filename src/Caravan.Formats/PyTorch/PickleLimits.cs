namespace Caravan.Formats;

/// <summary>How much a pickle may build before it is refused; a file of 100,000 tensors stays below each of them.</summary>
internal sealed record PickleLimits
{
    /// <summary>Bytes of one pickle; a state dict takes about 150 per tensor.</summary>
    public long Bytes { get; init; } = 64 << 20;

    /// <summary>Objects built, and places in containers.</summary>
    public int Objects { get; init; } = 1 << 22;

    /// <summary>Objects on the stack at once.</summary>
    public int Stack { get; init; } = 1 << 20;

    /// <summary>Open marks at once: how deep unfinished containers nest.</summary>
    public int Marks { get; init; } = 1000;

    /// <summary>Objects remembered for reuse.</summary>
    public int Memo { get; init; } = 1 << 21;
}
