using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// Products with few rows of weights, such as the factors of low-rank adapters. Tiles of outputs would be mostly empty, and packing would cost more than the
/// products; here rows stream past four factors at a time. An element's terms are added in an order that depends on their number alone.
/// </summary>
internal sealed unsafe partial class KernelSet<TLanes>
{
    /// <summary>Most outputs of a narrow product.</summary>
    private const long MostNarrow = 16;

    /// <summary>Rows and factors of a tile.</summary>
    private const int Four = 4;

    private static bool IsNarrow(DType type, long outputs, long columns) => type == DType.F32 && outputs is > 0 and <= MostNarrow && columns % TLanes.Count == 0;

    /// <summary>y = x · factorsᵀ.</summary>
    private void NarrowForward(NativeSpan<float> x, NativeSpan<float> factors, long columns, NativeSpan<float> y)
    {
        long rows = x.Length / columns;
        NarrowForwardJob job = new() { X = x.Pointer, Factors = factors.Pointer, Y = y.Pointer, Rows = rows, Columns = columns, Outputs = factors.Length / columns };
        Workers.For((rows + Four - 1) / Four, RowGrain(columns * job.Outputs * Four), job);
    }

    /// <summary>gradientX = or += gradientY · factors.</summary>
    private void NarrowBackwardInput(NativeSpan<float> gradientY, NativeSpan<float> factors, long columns, NativeSpan<float> gradientX, bool assign)
    {
        long rows = gradientX.Length / columns;
        NarrowBackwardJob job = new()
        {
            GradientY = gradientY.Pointer, Factors = factors.Pointer, GradientX = gradientX.Pointer, Rows = rows, Columns = columns, Outputs = factors.Length / columns, Assign = assign,
        };
        Workers.For((rows + Four - 1) / Four, RowGrain(columns * job.Outputs * Four), job);
    }

    /// <summary>gradient of factors = or += gradientYᵀ · x.</summary>
    private void NarrowBackwardWeights(NativeSpan<float> gradientY, NativeSpan<float> x, long columns, NativeSpan<float> gradient, bool assign)
    {
        NarrowWeightsJob job = new()
        {
            GradientY = gradientY.Pointer, X = x.Pointer, Gradient = gradient.Pointer, Rows = x.Length / columns, Columns = columns, Outputs = gradient.Length / columns, Assign = assign,
        };
        long blocks = columns / TLanes.Count;
        Workers.For(blocks, Packing<TLanes>.RoundUp(Math.Max(blocks / (4 * Workers.Workers), 1), Four), job);
    }

    /// <summary>Items are four rows.</summary>
    private struct NarrowForwardJob : IRangeJob
    {
        public float* X;
        public float* Factors;
        public float* Y;
        public long Rows;
        public long Columns;
        public long Outputs;

        public readonly void Execute(long start, long end, float* scratch)
        {
            float* sums = stackalloc float[Four * Four];
            for (long row = start * Four; row < Math.Min(end * Four, Rows); row += Four)
            {
                for (long output = 0; output < Outputs; output += Four)
                {
                    Tile(row, output, sums);
                    for (long i = 0; i < Math.Min(Four, Rows - row); i++)
                        for (long j = 0; j < Math.Min(Four, Outputs - output); j++) Y[((row + i) * Outputs) + output + j] = sums[(i * Four) + j];
                }
            }
        }

        /// <summary>Past the end the last row and the last factor are repeated.</summary>
        private readonly void Tile(long row, long output, float* sums)
        {
            float* x0 = X + (row * Columns), x1 = X + (Math.Min(row + 1, Rows - 1) * Columns), x2 = X + (Math.Min(row + 2, Rows - 1) * Columns), x3 = X + (Math.Min(row + 3, Rows - 1) * Columns);
            float* f0 = Factors + (output * Columns), f1 = Factors + (Math.Min(output + 1, Outputs - 1) * Columns);
            float* f2 = Factors + (Math.Min(output + 2, Outputs - 1) * Columns), f3 = Factors + (Math.Min(output + 3, Outputs - 1) * Columns);
            Quad s0 = default, s1 = default, s2 = default, s3 = default;
            for (long i = 0; i < Columns; i += TLanes.Count)
            {
                TLanes a = TLanes.Load(f0 + i), b = TLanes.Load(f1 + i), c = TLanes.Load(f2 + i), d = TLanes.Load(f3 + i);
                s0.AddProducts(TLanes.Load(x0 + i), a, b, c, d);
                s1.AddProducts(TLanes.Load(x1 + i), a, b, c, d);
                s2.AddProducts(TLanes.Load(x2 + i), a, b, c, d);
                s3.AddProducts(TLanes.Load(x3 + i), a, b, c, d);
            }

            TLanes.StoreSums(s0.A, s0.B, s0.C, s0.D, sums);
            TLanes.StoreSums(s1.A, s1.B, s1.C, s1.D, sums + Four);
            TLanes.StoreSums(s2.A, s2.B, s2.C, s2.D, sums + (2 * Four));
            TLanes.StoreSums(s3.A, s3.B, s3.C, s3.D, sums + (3 * Four));
        }
    }

    /// <summary>Items are four rows.</summary>
    private struct NarrowBackwardJob : IRangeJob
    {
        public float* GradientY;
        public float* Factors;
        public float* GradientX;
        public long Rows;
        public long Columns;
        public long Outputs;
        public bool Assign;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start * Four; row < Math.Min(end * Four, Rows); row += Four)
                for (long output = 0; output < Outputs; output += Four) Tile(row, (int)Math.Min(Four, Rows - row), output, Assign && output == 0);
        }

        private readonly void Tile(long row, int rows, long output, bool assign)
        {
            long last = Outputs - 1;
            float* f0 = Factors + (output * Columns), f1 = Factors + (Math.Min(output + 1, last) * Columns);
            float* f2 = Factors + (Math.Min(output + 2, last) * Columns), f3 = Factors + (Math.Min(output + 3, last) * Columns);
            Quad y0 = FactorsOf(row, output), y1 = FactorsOf(Math.Min(row + 1, Rows - 1), output), y2 = FactorsOf(Math.Min(row + 2, Rows - 1), output), y3 = FactorsOf(Math.Min(row + 3, Rows - 1), output);
            float* x = GradientX + (row * Columns);
            for (long i = 0; i < Columns; i += TLanes.Count, x += TLanes.Count)
            {
                TLanes a = TLanes.Load(f0 + i), b = TLanes.Load(f1 + i), c = TLanes.Load(f2 + i), d = TLanes.Load(f3 + i);
                y0.AddTo(x, a, b, c, d, assign);
                if (rows > 1) y1.AddTo(x + Columns, a, b, c, d, assign);
                if (rows > 2) y2.AddTo(x + (2 * Columns), a, b, c, d, assign);
                if (rows > 3) y3.AddTo(x + (3 * Columns), a, b, c, d, assign);
            }
        }

        /// <summary>How often each of four factors counts in a row: those that do not exist, not at all.</summary>
        private readonly Quad FactorsOf(long row, long output)
        {
            float* y = GradientY + (row * Outputs) + output;
            long count = Outputs - output;
            return new()
            {
                A = TLanes.Broadcast(y[0]), B = TLanes.Broadcast(count > 1 ? y[1] : 0), C = TLanes.Broadcast(count > 2 ? y[2] : 0), D = TLanes.Broadcast(count > 3 ? y[3] : 0),
            };
        }
    }

    /// <summary>Items are registers of columns.</summary>
    private struct NarrowWeightsJob : IRangeJob
    {
        public float* GradientY;
        public float* X;
        public float* Gradient;
        public long Rows;
        public long Columns;
        public long Outputs;
        public bool Assign;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long output = 0; output < Outputs; output += Four)
            {
                long block = start;
                for (; block + 3 < end; block += Four) FourBlocks(block * TLanes.Count, output);
                for (; block < end; block++) OneBlock(block * TLanes.Count, output);
            }
        }

        private readonly void FourBlocks(long column, long output)
        {
            Quad s0 = default, s1 = default, s2 = default, s3 = default;
            float* x = X + column, y = GradientY + output;
            (int b, int c, int d) = Offsets(output);
            for (long row = 0; row < Rows; row++, x += Columns, y += Outputs)
            {
                TLanes first = TLanes.Broadcast(y[0]), second = TLanes.Broadcast(y[b]), third = TLanes.Broadcast(y[c]), fourth = TLanes.Broadcast(y[d]);
                s0.AddProducts(TLanes.Load(x), first, second, third, fourth);
                s1.AddProducts(TLanes.Load(x + TLanes.Count), first, second, third, fourth);
                s2.AddProducts(TLanes.Load(x + (2 * TLanes.Count)), first, second, third, fourth);
                s3.AddProducts(TLanes.Load(x + (3 * TLanes.Count)), first, second, third, fourth);
            }

            Store(s0, column, output);
            Store(s1, column + TLanes.Count, output);
            Store(s2, column + (2 * TLanes.Count), output);
            Store(s3, column + (3 * TLanes.Count), output);
        }

        private readonly void OneBlock(long column, long output)
        {
            Quad sums = default;
            float* x = X + column, y = GradientY + output;
            (int b, int c, int d) = Offsets(output);
            for (long row = 0; row < Rows; row++, x += Columns, y += Outputs)
                sums.AddProducts(TLanes.Load(x), TLanes.Broadcast(y[0]), TLanes.Broadcast(y[b]), TLanes.Broadcast(y[c]), TLanes.Broadcast(y[d]));
            Store(sums, column, output);
        }

        /// <summary>Where the other three outputs are; those that do not exist repeat the last.</summary>
        private readonly (int Second, int Third, int Fourth) Offsets(long output)
        {
            int last = (int)(Outputs - output - 1);
            return (Math.Min(1, last), Math.Min(2, last), Math.Min(3, last));
        }

        private readonly void Store(Quad sums, long column, long output)
        {
            float* to = Gradient + (output * Columns) + column;
            Put(sums.A, to);
            if (output + 1 < Outputs) Put(sums.B, to + Columns);
            if (output + 2 < Outputs) Put(sums.C, to + (2 * Columns));
            if (output + 3 < Outputs) Put(sums.D, to + (3 * Columns));
        }

        private readonly void Put(TLanes sum, float* to) => TLanes.Store(Assign ? sum : TLanes.Load(to) + sum, to);
    }

    /// <summary>Four registers.</summary>
    private struct Quad
    {
        public TLanes A, B, C, D;

        /// <summary>Adds one factor's products with each of four others.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddProducts(TLanes x, TLanes a, TLanes b, TLanes c, TLanes d)
        {
            TLanes.AddProduct(ref A, x, a);
            TLanes.AddProduct(ref B, x, b);
            TLanes.AddProduct(ref C, x, c);
            TLanes.AddProduct(ref D, x, d);
        }

        /// <summary>y = or += the sum of the four products.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void AddTo(float* y, TLanes a, TLanes b, TLanes c, TLanes d, bool assign)
        {
            TLanes sum = assign ? default : TLanes.Load(y);
            TLanes.AddProduct(ref sum, A, a);
            TLanes.AddProduct(ref sum, B, b);
            TLanes.AddProduct(ref sum, C, c);
            TLanes.AddProduct(ref sum, D, d);
            TLanes.Store(sum, y);
        }
    }
}
