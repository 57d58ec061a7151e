namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>Copies, or adds, <paramref name="count"/> columns of every row to as many columns of another matrix.</summary>
    /// <param name="from">[N, fromColumns].</param>
    /// <param name="fromColumns">Width of its rows.</param>
    /// <param name="fromStart">First column that is taken.</param>
    /// <param name="to">[N, toColumns].</param>
    /// <param name="toColumns">Width of its rows.</param>
    /// <param name="toStart">First column that is written.</param>
    /// <param name="count">How many.</param>
    /// <param name="accumulate">True adds instead of setting.</param>
    public abstract void CopyColumns(
        NativeSpan<float> from, long fromColumns, long fromStart, NativeSpan<float> to, long toColumns, long toStart, long count, bool accumulate = false);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void CopyColumns(
        NativeSpan<float> from, long fromColumns, long fromStart, NativeSpan<float> to, long toColumns, long toStart, long count, bool accumulate = false)
    {
        ColumnsJob job = new()
        {
            From = from.Pointer + fromStart, FromColumns = fromColumns, To = to.Pointer + toStart, ToColumns = toColumns, Count = count, Accumulate = accumulate,
        };
        Workers.For(from.Length / fromColumns, RowGrain(count), job);
    }

    private struct ColumnsJob : IRangeJob
    {
        public float* From;
        public long FromColumns;
        public float* To;
        public long ToColumns;
        public long Count;
        public bool Accumulate;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* from = From + (row * FromColumns), to = To + (row * ToColumns);
                if (Accumulate) Map(default(Sum2), to, from, to, Count);
                else Buffer.MemoryCopy(from, to, Count * sizeof(float), Count * sizeof(float));
            }
        }
    }
}
