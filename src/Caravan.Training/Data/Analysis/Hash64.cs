namespace Caravan.Training;

/// <summary>A hash of 64 bits that is the same on every machine: numbers are mixed in one after the other with the finalizer of SplitMix64.</summary>
internal static class Hash64
{
    /// <summary>The hash of nothing.</summary>
    public const ulong Seed = 0x9E3779B97F4A7C15;

    /// <summary>The hash of what <paramref name="hash"/> stands for, followed by <paramref name="value"/>.</summary>
    public static ulong Add(ulong hash, ulong value)
    {
        ulong mixed = (hash ^ value) + Seed;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>The hash of numbers in their order.</summary>
    public static ulong Of(ReadOnlySpan<ulong> values)
    {
        ulong hash = Seed;
        foreach (ulong value in values) hash = Add(hash, value);
        return hash;
    }
}
