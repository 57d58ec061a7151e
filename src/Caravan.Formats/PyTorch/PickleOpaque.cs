namespace Caravan.Formats;

/// <summary>Stands for every value that a checkpoint may hold and nobody reads: bytes, sets, complex and very large numbers, devices.</summary>
internal sealed class PickleOpaque
{
    private PickleOpaque()
    {
    }

    /// <summary>The one stand-in: nothing is kept, so nothing can be inflated by it.</summary>
    public static PickleOpaque Value { get; } = new();
}
