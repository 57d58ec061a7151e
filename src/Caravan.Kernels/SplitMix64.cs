namespace Caravan;

/// <summary>
/// The SplitMix64 generator (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014). Number n of a seed is a pure
/// function of the seed and n, in 64-bit integer arithmetic, so a stream is the same on every platform and can be taken up at any step.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    private ulong state = seed;

    /// <summary>Number <paramref name="n"/> of a seed, from 0.</summary>
    public static ulong At(ulong seed, ulong n)
    {
        ulong mixed = seed + (Increment * (n + 1));
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>The next 64 uniformly distributed bits.</summary>
    public ulong Next()
    {
        ulong number = At(state, 0);
        state += Increment;
        return number;
    }

    /// <summary>The next number in [0, 1), a multiple of 2^-53.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));
}
