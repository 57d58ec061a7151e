namespace Caravan.Kernels;

/// <summary>Work that can be cut into ranges. A struct without managed fields, so that a parallel region allocates nothing.</summary>
internal interface IRangeJob
{
    /// <summary>Does items [<paramref name="start"/>, <paramref name="end"/>) on worker number <paramref name="worker"/>.</summary>
    void Execute(long start, long end, int worker);
}
