namespace Caravan.Tensors;

/// <summary>
/// Random numbers as functions of where they are wanted, so that a pass that is computed again, or a run that is resumed, has the same ones. The mixing
/// is SplitMix64's (Steele, Lea, Flood 2014).
/// </summary>
internal static class Noise
{
    /// <summary>A seed from a seed and a number: of a step, a part of a batch, a layer.</summary>
    public static ulong Mix(ulong seed, ulong number)
    {
        ulong mixed = seed + ((number + 1) * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number for a name: FNV-1a of its characters.</summary>
    public static ulong StreamOf(string name)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (char character in name) hash = (hash ^ character) * 1_099_511_628_211;
        return hash;
    }

    /// <summary>A number in [0, 1), a multiple of 2^-53, for a place.</summary>
    public static double Uniform(ulong seed, ulong place) => (Mix(seed, place) >> 11) * (1.0 / (1UL << 53));
}
