using System.Numerics;
using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// y[i] = kept(i) · x[i] / (1 − rate), or that added to y[i]; kept(i) is 0 with probability rate and else 1, by a hash of seed and i.
    /// </summary>
    public abstract void Dropout(NativeSpan<float> x, float rate, ulong seed, bool accumulate, NativeSpan<float> y);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void Dropout(NativeSpan<float> x, float rate, ulong seed, bool accumulate, NativeSpan<float> y) =>
        Workers.For(x.Length, ElementsPerPiece, new DropoutJob
        {
            X = x.Pointer, Y = y.Pointer, Seed = seed, Bound = (uint)Math.Round(rate * 4294967296.0), Factor = 1 / (1 - rate), Accumulate = accumulate,
        });

    private struct DropoutJob : IRangeJob
    {
        public float* X;
        public float* Y;
        public ulong Seed;
        public uint Bound;
        public float Factor;
        public bool Accumulate;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long i = start;
            for (; i <= end - Vector<uint>.Count; i += Vector<uint>.Count)
            {
                Vector<uint> places = Vector.Create((uint)i) + Vector<uint>.Indices;
                Vector<uint> kept = Vector.GreaterThanOrEqual(Hash(places, Key(i)), Vector.Create(Bound));
                Vector<float> value = Vector.ConditionalSelect(kept.As<uint, float>(), Vector.Load(X + i) * Factor, Vector<float>.Zero);
                Vector.Store(Accumulate ? Vector.Load(Y + i) + value : value, Y + i);
            }

            for (; i < end; i++)
            {
                float value = Hash(Vector.Create((uint)i), Key(i))[0] >= Bound ? X[i] * Factor : 0;
                Y[i] = Accumulate ? Y[i] + value : value;
            }
        }

        /// <summary>The seed of a stretch of 2^32 elements.</summary>
        private readonly uint Key(long i) => (uint)(Seed ^ (Seed >> 32)) + ((uint)(i >> 32) * 0x9E3779B9);

        /// <summary>MurmurHash3's finalizer over place and key (Appleby, public domain), twice: once alone lets neighbouring keys show.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector<uint> Hash(Vector<uint> places, uint key) => Finalize(Finalize(places) + Vector.Create(key));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector<uint> Finalize(Vector<uint> h)
        {
            h = (h ^ (h >>> 16)) * 0x85EBCA6B;
            h = (h ^ (h >>> 13)) * 0xC2B2AE35;
            return h ^ (h >>> 16);
        }
    }
}
