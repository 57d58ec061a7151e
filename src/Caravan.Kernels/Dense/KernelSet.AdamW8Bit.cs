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
                for (int i = 0; i < count; i++) second[i] *= second[i];
                AdamWJob step = Step with { Weights = Step.Weights + from, Gradients = Step.Gradients + from, First = first, Second = second };
                step.Execute(0, count, null);
                for (int i = 0; i < count; i++) second[i] = MathF.Sqrt(second[i]);
                FirstScales[block] = Encode(DynamicMap.Signed, first, FirstCodes + from, count);
                SecondScales[block] = Encode(DynamicMap.Unsigned, second, SecondCodes + from, count);
            }
        }

        private static void Decode(DynamicMap map, byte* codes, float scale, float* values, int count)
        {
            ReadOnlySpan<float> numbers = map.Values;
            for (int i = 0; i < count; i++) values[i] = numbers[codes[i]] * scale;
        }

        private static float Encode(DynamicMap map, float* values, byte* codes, int count)
        {
            float scale = 0;
            for (int i = 0; i < count; i++) scale = MathF.Max(scale, MathF.Abs(values[i]));
            float divisor = scale == 0 ? 1 : scale;
            for (int i = 0; i < count; i++) codes[i] = map.Nearest(values[i] / divisor);
            return scale;
        }
    }
}
