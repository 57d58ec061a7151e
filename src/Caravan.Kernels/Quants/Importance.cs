namespace Caravan.Kernels;

/// <summary>
/// Weights for scale searches from an importance matrix (the mean squared activation that meets each column of a weight matrix).
/// The error of x counts importance · √(spread + x²): larger weights matter more, but small ones not nothing.
/// </summary>
internal static unsafe class Importance
{
    /// <summary>The mean of the squares, summed in order.</summary>
    internal static float MeanSquare(float* values, long count)
    {
        float sum = 0;
        for (long i = 0; i < count; i++) sum += values[i] * values[i];
        return sum / count;
    }

    /// <summary>Writes the weights of a group and returns their sum.</summary>
    internal static float Weigh(float* values, float* importance, int count, float spread, float* weights)
    {
        float sum = 0;
        for (int i = 0; i < count; i++)
        {
            weights[i] = importance[i] * MathF.Sqrt(spread + (values[i] * values[i]));
            sum += weights[i];
        }

        return sum;
    }
}
