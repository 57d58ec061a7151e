namespace Caravan.Inference;

/// <summary>Vectors of length 1, whose products are cosines.</summary>
internal static class UnitLength
{
    /// <summary>The first features of a vector, divided by their length: texts that were taught so lose little (Kusupati et al. 2022, Matryoshka representations).</summary>
    /// <param name="vector">[D]</param>
    /// <param name="dimensions">How many features are kept; <c>vector.Length</c> keeps all.</param>
    /// <returns>[dimensions]; zeros where all of them are.</returns>
    public static float[] Of(ReadOnlySpan<float> vector, int dimensions)
    {
        double squares = 0;
        foreach (float feature in vector[..dimensions]) squares += (double)feature * feature;
        float[] unit = vector[..dimensions].ToArray();
        if (squares > 0)
            for (int i = 0; i < unit.Length; i++) unit[i] = (float)(unit[i] / Math.Sqrt(squares));
        return unit;
    }

    /// <summary>The cosine of the angle between two vectors of length 1.</summary>
    public static float Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++) sum += (double)left[i] * right[i];
        return (float)Math.Clamp(sum, -1, 1);
    }
}
