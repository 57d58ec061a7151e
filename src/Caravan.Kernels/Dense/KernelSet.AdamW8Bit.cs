namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>The same with moments in 8 bits: each block is decoded, stepped as ever and encoded again.</summary>
    public abstract void AdamW(in AdamWStep step, NativeSpan<float> weights, NativeSpan<float> gradients, in EightBitMoments moments);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void AdamW(in AdamWStep step, NativeSpan<float> weights, NativeSpan<float> gradients, in EightBitMoments moments)
    {
        AdamW8BitJob job = new()
        {
            Step = AdamWJobOf(step, weights, gradients), Length = weights.Length, Block = moments.Block,
            FirstCodes = moments.FirstCodes.Pointer, FirstScales = moments.FirstScales.Pointer,
            SecondCodes = moments.SecondCodes.Pointer, SecondScales = moments.SecondScales.Pointer,
        };
        Workers.For(moments.FirstScales.Length, Math.Max(1, ElementsPerPiece / moments.Block), job, 2 * moments.Block);
    }

    /// <summary>Items are blocks.</summary>
    private struct AdamW8BitJob : IRangeJob
    {
        public AdamWJob Step;
        public long Length;
        public int Block;
        public byte* FirstCodes;
        public float* FirstScales;
        public byte* SecondCodes;
        public float* SecondScales;

        public readonly void Execute(long start, long end, float* scratch)
        {
            float* first = scratch, second = scratch + Block;
            for (long block = start; block < end; block++)
            {
                long from = block * Block;
                int count = (int)Math.Min(Block, Length - from);
                Decode(DynamicMap.Signed, FirstCodes + from, FirstScales[block], first, count);
                Decode(DynamicMap.Unsigned, SecondCodes + from, SecondScales[block], second, count);
                Map(default(Product), second, second, second, count);
                AdamWJob step = Step with { Weights = Step.Weights + from, Gradients = Step.Gradients + from, First = first, Second = second };
                step.Execute(0, count, null);
                Map(default(SquareRoot), second, second, second, count);
                FirstScales[block] = Encode(DynamicMap.Signed, first, FirstCodes + from, count);
                SecondScales[block] = Encode(DynamicMap.Unsigned, second, SecondCodes + from, count);
            }
        }

        private static void Decode(DynamicMap map, byte* codes, float scale, float* moments, int count)
        {
            map.Decode(codes, moments, count);
            Map(new Scaled { Factor = scale }, moments, moments, moments, count);
        }

        private static float Encode(DynamicMap map, float* moments, byte* codes, int count)
        {
            float scale = LargestMagnitude(moments, count);
            Map(new Divided { Divisor = scale == 0 ? 1 : scale }, moments, moments, moments, count);
            map.Encode(moments, codes, count);
            return scale;
        }

        private static float LargestMagnitude(float* x, int count)
        {
            TLanes lanes = TLanes.Broadcast(0);
            Lanes1 rest = Lanes1.Broadcast(0);
            int i = 0;
            for (; i + TLanes.Count <= count; i += TLanes.Count) lanes = Larger(lanes, x + i);
            for (; i < count; i++) rest = Larger(rest, x + i);
            return Lanes1.MaxAcross(Lanes1.Max(new Lanes1(TLanes.MaxAcross(lanes)), rest));

            static T Larger<T>(T largest, float* x)
                where T : unmanaged, ILanes<T> => T.Max(largest, T.Max(T.Load(x), T.Broadcast(0) - T.Load(x)));
        }
    }

    private struct SquareRoot : IMap
    {
        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.Sqrt(a);
    }

    private struct Divided : IMap
    {
        public float Divisor;

        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => a / T.Broadcast(Divisor);
    }
}
