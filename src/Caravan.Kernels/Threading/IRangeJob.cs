namespace Caravan.Kernels;

/// <summary>Work that can be cut into ranges. A struct without managed fields, so that a parallel region allocates nothing.</summary>
internal unsafe interface IRangeJob
{
    /// <summary>Does items [<paramref name="start"/>, <paramref name="end"/>).</summary>
    /// <param name="start">First item.</param>
    /// <param name="end">One past the last item.</param>
    /// <param name="scratch">Memory of this thread alone, as large as the region asked for; contents undefined.</param>
    void Execute(long start, long end, float* scratch);
}
