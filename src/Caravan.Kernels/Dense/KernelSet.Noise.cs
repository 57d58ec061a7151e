using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// x[i] += factor · z[i], where z is normal noise that depends on the seed and i alone: it needs no memory, is the same on every width and can be
    /// taken back. Sixteen elements are made of sixteen hashes (Box and Muller 1958): eight radii, eight angles.
    /// </summary>
    /// <param name="x">Changed in place.</param>
    /// <param name="factor">Deviation of what is added; negative to take it back.</param>
    /// <param name="seed">Which noise.</param>
    public abstract void AddNoise(NativeSpan<float> x, float factor, ulong seed);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void AddNoise(NativeSpan<float> x, float factor, ulong seed) => Workers.For(
        (x.Length + NoiseJob.Block - 1) / NoiseJob.Block,
        ElementsPerPiece / NoiseJob.Block,
        new NoiseJob { X = x.Pointer, Length = x.Length, Factor = factor, Seed = seed });

    /// <summary>Items are blocks of sixteen elements.</summary>
    private struct NoiseJob : IRangeJob
    {
        public const int Block = 16;

        private const float Unit = 1f / (1 << 24);

        public float* X;
        public long Length;
        public float Factor;
        public ulong Seed;

        public readonly void Execute(long start, long end, float* scratch)
        {
            float* noise = stackalloc float[Block];
            for (long block = start; block < end; block++)
            {
                ulong key = SplitMix64.At(Seed, (ulong)block >> 28);
                // Radii of uniform numbers in (0, 1], so that they have a logarithm.
                Vector256<float> uniform = (Uniform(key, 2 * block) + Vector256<float>.One) * Unit;
                Vector256<float> radius = Vector256.Sqrt(Vector256.Log(uniform) * -2) * Factor;
                (Vector256<float> sine, Vector256<float> cosine) = Vector256.SinCos(Uniform(key, (2 * block) + 1) * (2 * MathF.PI * Unit));
                float* x = X + (block * Block);
                if ((block + 1) * Block <= Length)
                {
                    (Vector256.Load(x) + (radius * cosine)).Store(x);
                    (Vector256.Load(x + 8) + (radius * sine)).Store(x + 8);
                    continue;
                }

                (radius * cosine).Store(noise);
                (radius * sine).Store(noise + 8);
                for (int i = 0; i < Length - (block * Block); i++) x[i] += noise[i];
            }
        }

        /// <summary>
        /// Eight whole numbers below 2²⁴: hashes of the places from 8 · <paramref name="eighth"/> on, of which 32 bits count; keys are others after those.
        /// </summary>
        private static Vector256<float> Uniform(ulong key, long eighth)
        {
            Vector256<uint> place = Vector256.Create((uint)eighth << 3) + Vector256<uint>.Indices;
            return Vector256.ConvertToSingle((Mix(Mix(place ^ Vector256.Create((uint)key)) + Vector256.Create((uint)(key >> 32))) >>> 8).AsInt32());
        }

        /// <summary>A permutation of 32 bits whose every input bit changes every output bit about half of the time (Wellons 2018, "hash-prospector", lowbias32).</summary>
        private static Vector256<uint> Mix(Vector256<uint> x)
        {
            x = (x ^ (x >>> 16)) * 0x7FEB352Du;
            x = (x ^ (x >>> 15)) * 0x846CA68Bu;
            return x ^ (x >>> 16);
        }
    }
}
