namespace Caravan.Kernels;

/// <summary>
/// Rows of a streaming softmax (Milakov and Gimelshein 2018, alg. 3): for each row the largest score so far, the sum of e^(score − largest) lane by
/// lane, and the sum of values weighted alike. The memory is the caller's.
/// </summary>
internal unsafe struct StreamingSoftmax<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>[rows]</summary>
    public float* Largest;

    /// <summary>[rows, lanes]</summary>
    public float* Sums;

    /// <summary>[rows, <see cref="Stride"/>]</summary>
    public float* Outputs;

    /// <summary>Floats between outputs: whole registers.</summary>
    public int Stride;

    /// <summary>Floats that so many rows take.</summary>
    public static long Floats(long rows, int stride) => Aligned(rows) + (rows * (TLanes.Count + stride));

    /// <summary>Places so many rows in memory and returns what is left of it.</summary>
    public static float* Place(float* memory, long rows, int stride, out StreamingSoftmax<TLanes> placed)
    {
        placed = new StreamingSoftmax<TLanes> { Outputs = memory, Sums = memory + (rows * stride), Stride = stride };
        placed.Largest = placed.Sums + (rows * TLanes.Count);
        return placed.Largest + Aligned(rows);
    }

    /// <summary>Forgets everything.</summary>
    public readonly void Clear(int rows)
    {
        new Span<float>(Largest, rows).Fill(float.NegativeInfinity);
        new Span<float>(Sums, rows * TLanes.Count).Clear();
        new Span<float>(Outputs, rows * Stride).Clear();
    }

    /// <summary>
    /// Turns products of a query with some keys into weights e^(scale · product − largest), adds them to the row's sum, and makes the row's values
    /// fit a new largest score. What lies outside [<paramref name="first"/>, <paramref name="end"/>) becomes 0.
    /// </summary>
    public readonly void Weigh(int row, float* products, float scale, int first, int end, int columns)
    {
        if (first >= end)
        {
            for (int i = 0; i < columns; i += TLanes.Count) TLanes.Store(TLanes.Broadcast(0), products + i);
            return;
        }

        // Whole registers are written and read again here: smaller stores would have to reach the cache before the next load.
        if (first > 0 || end < columns) Hide(products, first, end, columns);
        TLanes factor = TLanes.Broadcast(scale), lanes = TLanes.Broadcast(float.NegativeInfinity);
        for (int i = 0; i < columns; i += TLanes.Count)
        {
            TLanes score = factor * TLanes.Load(products + i);
            TLanes.Store(score, products + i);
            lanes = TLanes.MaxOf(lanes, score);
        }

        float most = TLanes.MaxAcross(lanes);
        float* sums = Sums + (row * TLanes.Count);
        if (most > Largest[row]) Raise(row, most);
        TLanes shift = TLanes.Broadcast(Largest[row]), sum = TLanes.Load(sums);
        for (int i = 0; i < columns; i += TLanes.Count)
        {
            TLanes weight = SoftmaxExp.Of(TLanes.Load(products + i) - shift);
            TLanes.Store(weight, products + i);
            sum += weight;
        }

        TLanes.Store(sum, sums);
    }

    /// <summary>Adds what another softmax over the next keys came to.</summary>
    public readonly void Merge(int row, float largest, float sum, float* output)
    {
        if (sum == 0) return;
        float* sums = Sums + (row * TLanes.Count), y = Outputs + ((long)row * Stride);
        if (largest > Largest[row]) Raise(row, largest);
        float weight = SoftmaxExp.Of(largest - Largest[row]);
        sums[0] += weight * sum;
        KernelSet<TLanes>.AddScaled(y, weight, output, Stride);
    }

    /// <summary>The sum of a row.</summary>
    public readonly float Sum(int row) => TLanes.Sum(TLanes.Load(Sums + (row * TLanes.Count)));

    /// <summary>Makes a row's sums relative to a larger score.</summary>
    private readonly void Raise(int row, float largest)
    {
        TLanes shrink = TLanes.Broadcast(SoftmaxExp.Of(Largest[row] - largest));
        float* sums = Sums + (row * TLanes.Count), y = Outputs + ((long)row * Stride);
        TLanes.Store(shrink * TLanes.Load(sums), sums);
        for (int i = 0; i < Stride; i += TLanes.Count) TLanes.Store(shrink * TLanes.Load(y + i), y + i);
        Largest[row] = largest;
    }

    private static void Hide(float* products, int first, int end, int columns)
    {
        for (int i = 0; i < first; i++) products[i] = float.NegativeInfinity;
        for (int i = end; i < columns; i++) products[i] = float.NegativeInfinity;
    }

    private static long Aligned(long rows) => (rows + 15) / 16 * 16;
}
