using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Searches for scale and minimum of groups: x ≈ scale · code - minimum with minimum ≥ 0, because a group above zero wastes little by
/// starting at zero and the stored minima need no sign.
/// <para>
/// With the codes q fixed, Σ w (s·q + m - x)² is least where both derivatives vanish, the normal equations
/// s·Σwq² + m·Σwq = Σwqx and s·Σwq + m·Σw = Σwx, solved by Cramer's rule with determinant Σw·Σwq² - (Σwq)².
/// </para>
/// As in <see cref="ScaleSearch"/> the trial scales and the order of operations are ggml's. That order forbids to spread one group over
/// a vector, so eight groups are searched at once, one per lane.
/// </summary>
/// <param name="First">Steps added to the largest code at the first trial scale.</param>
/// <param name="Step">Steps from one trial scale to the next.</param>
/// <param name="Trials">Number of trial scales.</param>
/// <param name="Absolute">Whether candidates are compared by their weighted absolute error instead of the squared one.</param>
internal readonly unsafe record struct AffineSearch(float First, float Step, int Trials, bool Absolute = false)
{
    /// <summary>Groups searched at once.</summary>
    internal const int Lanes = 8;

    private const int LongestGroup = 32;

    /// <summary>The wider and finer grid used with an importance per element.</summary>
    internal static AffineSearch ByImportance => new(-0.9f, 0.05f, 37);

    /// <summary>
    /// Scales, minima and codes 0 .. <paramref name="largestCode"/> of eight groups of <paramref name="count"/> values, the groups
    /// <paramref name="stride"/> apart in values, weights and codes; with a stride of 0 all eight are the same group.
    /// </summary>
    internal void Run(
        float* values, float* weights, int stride, int count, int largestCode, float* scales, float* minima, byte* codes)
    {
        Vector256<float>* x = stackalloc Vector256<float>[LongestGroup];
        Vector256<float>* w = stackalloc Vector256<float>[LongestGroup];
        Vector256<float>* best = stackalloc Vector256<float>[LongestGroup];
        Vector256<float>* candidate = stackalloc Vector256<float>[LongestGroup];
        Transpose(values, stride, count, x);
        Transpose(weights, stride, count, w);

        (Vector256<float> smallest, Vector256<float> largest) = Range(x, count);
        Vector256<float> flat = Vector256.Equals(largest, smallest);
        Vector256<float> weightSum = Vector256<float>.Zero, valueSum = Vector256<float>.Zero;
        for (int i = 0; i < count; i++)
        {
            weightSum += w[i];
            valueSum += w[i] * x[i];
        }

        Vector256<float> inverse = Vector256.Create((float)largestCode) / (largest - smallest);
        Vector256<float> scale = Vector256<float>.One / inverse;
        Round(x, count, inverse, smallest, largestCode, best);
        Vector256<float> bestError = Error(x, w, count, best, scale, smallest);
        for (int trial = 0; trial < Trials; trial++)
        {
            // The range starts at the best minimum so far, so each improvement also shifts the trials after it.
            inverse = Vector256.Create(First + (Step * trial) + largestCode) / (largest - smallest);
            Round(x, count, inverse, smallest, largestCode, candidate);
            Vector256<float> solved = Solve(
                x, w, count, candidate, weightSum, valueSum, out Vector256<float> trialScale, out Vector256<float> trialSmallest);
            Vector256<float> error = Error(x, w, count, candidate, trialScale, trialSmallest);
            Vector256<float> better = Vector256.AndNot(Vector256.LessThan(error, bestError) & solved, flat);
            bestError = Vector256.ConditionalSelect(better, error, bestError);
            scale = Vector256.ConditionalSelect(better, trialScale, scale);
            smallest = Vector256.ConditionalSelect(better, trialSmallest, smallest);
            for (int i = 0; i < count; i++) best[i] = Vector256.ConditionalSelect(better, candidate[i], best[i]);
        }

        Vector256.AndNot(scale, flat).Store(scales);
        (-smallest).Store(minima);
        for (int i = 0; i < count; i++)
        {
            best[i] = Vector256.AndNot(best[i], flat);
            for (int lane = 0; lane < Lanes; lane++) codes[(lane * stride) + i] = (byte)((float*)(best + i))[lane];
        }
    }

    private static void Transpose(float* values, int stride, int count, Vector256<float>* lanes)
    {
        for (int i = 0; i < count; i++)
        {
            for (int lane = 0; lane < Lanes; lane++) ((float*)(lanes + i))[lane] = values[(lane * stride) + i];
        }
    }

    /// <summary>The smallest value, but at most zero, and the largest.</summary>
    private static (Vector256<float> Smallest, Vector256<float> Largest) Range(Vector256<float>* x, int count)
    {
        Vector256<float> smallest = x[0], largest = x[0];
        for (int i = 1; i < count; i++)
        {
            smallest = Vector256.ConditionalSelect(Vector256.LessThan(x[i], smallest), x[i], smallest);
            largest = Vector256.ConditionalSelect(Vector256.GreaterThan(x[i], largest), x[i], largest);
        }

        return (Vector256.AndNot(smallest, Vector256.GreaterThan(smallest, Vector256<float>.Zero)), largest);
    }

    /// <summary>The codes nearest to the values, as floats; rounds as <see cref="ScaleSearch.Round(float)"/> does.</summary>
    private static void Round(
        Vector256<float>* x, int count, Vector256<float> inverse, Vector256<float> smallest, int largestCode, Vector256<float>* codes)
    {
        Vector256<int> top = Vector256.Create(largestCode);
        for (int i = 0; i < count; i++)
        {
            Vector256<int> code = ScaleSearch.Round(inverse * (x[i] - smallest));
            codes[i] = Vector256.ConvertToSingle(Vector256.Min(top, Vector256.Max(Vector256<int>.Zero, code)));
        }
    }

    /// <summary>Scale and smallest value (at most zero) that fit the codes best; a mask of the lanes where the codes determine them.</summary>
    private static Vector256<float> Solve(
        Vector256<float>* x, Vector256<float>* w, int count, Vector256<float>* codes, Vector256<float> weightSum, Vector256<float> valueSum,
        out Vector256<float> scale, out Vector256<float> smallest)
    {
        Vector256<float> codeSum = Vector256<float>.Zero, squareSum = Vector256<float>.Zero, productSum = Vector256<float>.Zero;
        for (int i = 0; i < count; i++)
        {
            Vector256<float> weighted = w[i] * codes[i];
            codeSum += weighted;
            squareSum += weighted * codes[i];
            productSum += weighted * x[i];
        }

        Vector256<float> determinant = (weightSum * squareSum) - (codeSum * codeSum);
        smallest = ((squareSum * valueSum) - (codeSum * productSum)) / determinant;
        scale = ((weightSum * productSum) - (valueSum * codeSum)) / determinant;
        Vector256<float> above = Vector256.GreaterThan(smallest, Vector256<float>.Zero);
        smallest = Vector256.AndNot(smallest, above);
        scale = Vector256.ConditionalSelect(above, productSum / squareSum, scale);
        return Vector256.GreaterThan(determinant, Vector256<float>.Zero);
    }

    private Vector256<float> Error(
        Vector256<float>* x, Vector256<float>* w, int count, Vector256<float>* codes, Vector256<float> scale, Vector256<float> smallest)
    {
        Vector256<float> error = Vector256<float>.Zero;
        for (int i = 0; i < count; i++)
        {
            Vector256<float> difference = (scale * codes[i]) + smallest - x[i];
            error += w[i] * (Absolute ? Vector256.Abs(difference) : difference * difference);
        }

        return error;
    }
}
