namespace Caravan.Weights;

/// <summary>What was added up for a matrix, or for a stack of them, one an expert.</summary>
/// <param name="Squares">For each column of each matrix the sum of squared inputs, matrix by matrix.</param>
/// <param name="Counts">For each matrix the number of inputs; 0 where an expert was never chosen.</param>
internal sealed record ImportanceSums(float[] Squares, float[] Counts)
{
    /// <summary>Of one matrix with at least one input.</summary>
    public ImportanceSums(float[] squares, float count)
        : this(squares, [count])
    {
    }
}
