namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// Rotates the first 2·pairs features of every head by the angles of its row and copies the rest (Su et al. 2021, "RoFormer", eq. 34).
    /// </summary>
    /// <param name="x">[rows, heads, headSize].</param>
    /// <param name="cosines">[rows, pairs], already multiplied by the attention factor where a scaling has one.</param>
    /// <param name="sines">[rows, pairs], likewise.</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="direction">+1 rotates; −1 rotates back, which is the backward pass.</param>
    /// <param name="headSize">Features per head.</param>
    /// <param name="layout">Which features form a pair.</param>
    /// <param name="y">[rows, heads, headSize]; may be x.</param>
    /// <param name="accumulate">True adds to y instead of setting it.</param>
    /// <param name="turns">Sets of angles of a row, which its heads take in turn.</param>
    public abstract void Rope(
        NativeSpan<float> x, NativeSpan<float> cosines, NativeSpan<float> sines, long rows, float direction, int headSize, RotaryLayout layout,
        NativeSpan<float> y, bool accumulate = false, int turns = 1);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void Rope(
        NativeSpan<float> x, NativeSpan<float> cosines, NativeSpan<float> sines, long rows, float direction, int headSize, RotaryLayout layout,
        NativeSpan<float> y, bool accumulate = false, int turns = 1)
    {
        if (rows == 0) return;
        RopeJob job = new()
        {
            X = x.Pointer, Y = y.Pointer, Cosines = cosines.Pointer, Sines = sines.Pointer, Width = x.Length / rows, HeadSize = headSize,
            Pairs = (int)(cosines.Length / rows / turns), Turns = turns, Direction = direction, Layout = layout, Accumulate = accumulate,
        };
        Workers.For(rows, RowGrain(job.Width), job);
    }

    private struct RopeJob : IRangeJob
    {
        public float* X;
        public float* Y;
        public float* Cosines;
        public float* Sines;
        public long Width;
        public int HeadSize;
        public int Pairs;
        public int Turns;
        public float Direction;
        public RotaryLayout Layout;
        public bool Accumulate;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                long offset = row * Width, angles = row * Turns * Pairs;
                for (int turn = 0; offset < (row + 1) * Width; offset += HeadSize, turn = turn + 1 == Turns ? 0 : turn + 1)
                    Rotate(X + offset, Y + offset, Cosines + angles + (turn * Pairs), Sines + angles + (turn * Pairs));
            }
        }

        private readonly void Rotate(float* x, float* y, float* cosines, float* sines)
        {
            int step = Layout == RotaryLayout.Interleaved ? 2 : 1, partner = Layout == RotaryLayout.Interleaved ? 1 : Pairs;
            int i = 0;
            if (Layout == RotaryLayout.HalfSplit && !Accumulate)
            {
                for (; i + TLanes.Count <= Pairs; i += TLanes.Count)
                {
                    TLanes cosine = TLanes.Load(cosines + i), sine = TLanes.Load(sines + i) * TLanes.Broadcast(Direction);
                    TLanes a = TLanes.Load(x + i), b = TLanes.Load(x + i + partner);
                    TLanes.Store((a * cosine) - (b * sine), y + i);
                    TLanes.Store((b * cosine) + (a * sine), y + i + partner);
                }
            }

            for (; i < Pairs; i++)
            {
                float sine = sines[i] * Direction, a = x[i * step], b = x[(i * step) + partner];
                Put(y + (i * step), (a * cosines[i]) - (b * sine));
                Put(y + (i * step) + partner, (b * cosines[i]) + (a * sine));
            }

            for (i = 2 * Pairs; i < HeadSize; i++) Put(y + i, x[i]);
        }

        private readonly void Put(float* y, float value) => *y = Accumulate ? *y + value : value;
    }
}
