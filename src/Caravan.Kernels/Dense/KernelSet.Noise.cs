namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// x[i] += factor · z[i], where z is normal noise that depends on the seed and i alone: it needs no memory and can be taken back.
    /// Elements 2k and 2k + 1 are made from number k of <see cref="SplitMix64"/> (Box and Muller 1958).
    /// </summary>
    /// <param name="x">Changed in place.</param>
    /// <param name="factor">Deviation of what is added; negative to take it back.</param>
    /// <param name="seed">Which noise.</param>
    public abstract void AddNoise(NativeSpan<float> x, float factor, ulong seed);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void AddNoise(NativeSpan<float> x, float factor, ulong seed) => Workers.For(
        (x.Length + 1) / 2, ElementsPerPiece / 8, new NoiseJob { X = x.Pointer, Length = x.Length, Factor = factor, Seed = seed });

    /// <summary>Items are pairs of elements.</summary>
    private struct NoiseJob : IRangeJob
    {
        public float* X;
        public long Length;
        public float Factor;
        public ulong Seed;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long pair = start; pair < end; pair++)
            {
                ulong bits = SplitMix64.At(Seed, (ulong)pair);
                // A radius from the upper half, in (0, 1] so that it has a logarithm, and an angle from the lower.
                float radius = Factor * MathF.Sqrt(-2 * MathF.Log((float)(((bits >> 32) + 1) * (1.0 / (1L << 32)))));
                (float sine, float cosine) = MathF.SinCos((float)((uint)bits * (2 * Math.PI / (1L << 32))));
                X[2 * pair] += radius * cosine;
                if ((2 * pair) + 1 < Length) X[(2 * pair) + 1] += radius * sine;
            }
        }
    }
}
