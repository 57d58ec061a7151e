namespace Caravan.Kernels;

/// <summary>
/// Searches for scale and minimum of a group: x ≈ scale · code - minimum with minimum ≥ 0, because a group above zero wastes little by
/// starting at zero and the stored minima need no sign.
/// <para>
/// With the codes q fixed, Σ w (s·q + m - x)² is least where both derivatives vanish, the normal equations
/// s·Σwq² + m·Σwq = Σwqx and s·Σwq + m·Σw = Σwx, solved by Cramer's rule with determinant Σw·Σwq² - (Σwq)².
/// </para>
/// As in <see cref="ScaleSearch"/> the trial scales and the order of operations are ggml's.
/// </summary>
/// <param name="First">Steps added to the largest code at the first trial scale.</param>
/// <param name="Step">Steps from one trial scale to the next.</param>
/// <param name="Trials">Number of trial scales.</param>
/// <param name="Absolute">Whether candidates are compared by their weighted absolute error instead of the squared one.</param>
internal readonly unsafe record struct AffineSearch(float First, float Step, int Trials, bool Absolute = false)
{
    private const int LongestGroup = 32;

    /// <summary>The wider and finer grid used with an importance per element.</summary>
    internal static AffineSearch ByImportance => new(-0.9f, 0.05f, 37);

    /// <summary>Scale and minimum for codes 0 .. <paramref name="largestCode"/>, which are written to <paramref name="codes"/>.</summary>
    internal (float Scale, float Minimum) Run(float* values, float* weights, int count, int largestCode, byte* codes)
    {
        (float smallest, float largest) = BlockScale.Range(values, count);
        if (smallest > 0) smallest = 0;
        if (largest == smallest)
        {
            new Span<byte>(codes, count).Clear();
            return (0, -smallest);
        }

        (float weightSum, float valueSum) = (0, 0);
        for (int i = 0; i < count; i++)
        {
            weightSum += weights[i];
            valueSum += weights[i] * values[i];
        }

        float inverse = largestCode / (largest - smallest);
        float scale = 1 / inverse;
        Round(values, count, inverse, smallest, largestCode, codes);
        float bestError = Error(values, weights, count, codes, scale, smallest);
        byte* candidate = stackalloc byte[LongestGroup];
        for (int trial = 0; trial < Trials; trial++)
        {
            // The range starts at the best minimum so far, so each improvement also shifts the trials after it.
            inverse = (First + (Step * trial) + largestCode) / (largest - smallest);
            Round(values, count, inverse, smallest, largestCode, candidate);
            if (Solve(values, weights, count, candidate, weightSum, valueSum) is not (float trialScale, float trialSmallest)) continue;
            float error = Error(values, weights, count, candidate, trialScale, trialSmallest);
            if (!(error < bestError)) continue;
            (bestError, scale, smallest) = (error, trialScale, trialSmallest);
            ScaleSearch.Copy(candidate, codes, count);
        }

        return (scale, -smallest);
    }

    private static void Round(float* values, int count, float inverse, float smallest, int largestCode, byte* codes)
    {
        for (int i = 0; i < count; i++) codes[i] = (byte)Math.Clamp(ScaleSearch.Round(inverse * (values[i] - smallest)), 0, largestCode);
    }

    /// <summary>Scale and smallest value (at most zero) that fit the codes best; null where the codes do not determine them.</summary>
    private static (float Scale, float Smallest)? Solve(
        float* values, float* weights, int count, byte* codes, float weightSum, float valueSum)
    {
        float codeSum = 0, squareSum = 0, productSum = 0;
        for (int i = 0; i < count; i++)
        {
            float weighted = weights[i] * codes[i];
            codeSum += weighted;
            squareSum += weighted * codes[i];
            productSum += weighted * values[i];
        }

        float determinant = (weightSum * squareSum) - (codeSum * codeSum);
        if (!(determinant > 0)) return null;
        float smallest = ((squareSum * valueSum) - (codeSum * productSum)) / determinant;
        if (smallest > 0) return (productSum / squareSum, 0);
        return (((weightSum * productSum) - (valueSum * codeSum)) / determinant, smallest);
    }

    private float Error(float* values, float* weights, int count, byte* codes, float scale, float smallest)
    {
        float error = 0;
        for (int i = 0; i < count; i++)
        {
            float difference = (scale * codes[i]) + smallest - values[i];
            error += weights[i] * (Absolute ? MathF.Abs(difference) : difference * difference);
        }

        return error;
    }
}
