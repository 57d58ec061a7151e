namespace Caravan.Formats;

/// <summary>
/// Scales of blocks in 8 bits each: their distances from their mean, in groups of 256 that share a scale of their own (Dettmers et al. 2023, "QLoRA",
/// section 3, "Double Quantization").
/// </summary>
/// <param name="Codes">A code of <see cref="DynamicMap"/> for each block.</param>
/// <param name="Largest">For each group the largest distance.</param>
/// <param name="Offset">The mean.</param>
internal sealed record NestedScales(byte[] Codes, float[] Largest, float Offset)
{
    /// <summary>Blocks that share a scale.</summary>
    public const int Group = 256;

    /// <summary>Quantizes scales.</summary>
    public static NestedScales Of(ReadOnlySpan<float> scales)
    {
        double sum = 0;
        foreach (float scale in scales) sum += scale;
        float offset = (float)(sum / Math.Max(1, scales.Length));
        float[] largest = new float[(scales.Length + Group - 1) / Group];
        for (int i = 0; i < scales.Length; i++) largest[i / Group] = Math.Max(largest[i / Group], Math.Abs(scales[i] - offset));
        byte[] codes = new byte[scales.Length];
        for (int i = 0; i < scales.Length; i++) codes[i] = DynamicMap.Nearest(largest[i / Group] == 0 ? 0 : (scales[i] - offset) / largest[i / Group]);
        return new NestedScales(codes, largest, offset);
    }

    /// <summary>The scales that the codes stand for.</summary>
    public float[] Decode() => [.. Codes.Select((code, i) => (DynamicMap.Values[code] * Largest[i / Group]) + Offset)];
}
