namespace Caravan.Training;

/// <summary>Advantages of a batch brought to mean 0 and deviation 1.</summary>
internal static class Whitening
{
    /// <summary>x ← (x − mean) / √(variance + 10⁻⁸), with the unbiased variance.</summary>
    /// <param name="values">Of all tokens of the batch; fewer than two are only centred.</param>
    /// <param name="keepsMean">Whether the mean is put back after.</param>
    public static void Apply(Span<double> values, bool keepsMean = false)
    {
        double mean = 0, squares = 0;
        foreach (double value in values) mean += value / values.Length;
        foreach (double value in values) squares += (value - mean) * (value - mean);
        double deviation = values.Length < 2 ? 1 : Math.Sqrt((squares / (values.Length - 1)) + 1e-8);
        foreach (ref double value in values) value = ((value - mean) / deviation) + (keepsMean ? mean : 0);
    }
}
