namespace Caravan.Inference.Tests;

/// <summary>The steps restated in float64 by sorting everything, as their papers and transformers describe them.</summary>
internal static class SamplingReference
{
    /// <summary>Normal logits, from a generator that is not the one under test.</summary>
    public static float[] RandomLogits(Random random, int count, double deviation = 3)
    {
        float[] logits = new float[count];
        for (int i = 0; i < count; i++)
            logits[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return logits;
    }

    /// <summary>Softmax at a temperature; removed tokens are at negative infinity.</summary>
    public static double[] Softmax(IReadOnlyList<double> logits, double temperature)
    {
        double largest = logits.Max();
        double[] weights = [.. logits.Select(logit => Math.Exp((logit - largest) / temperature))];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    public static double[] ToDouble(float[] logits) => [.. logits.Select(logit => (double)logit)];

    public static double[] TopK(double[] logits, int size) => Keep(logits, Ranked(logits).Take(size));

    /// <summary>A token stays when the tokens ranked before it hold less than the mass.</summary>
    public static double[] TopP(double[] logits, double temperature, double mass, out double margin)
    {
        double[] probabilities = Softmax(logits, temperature);
        return KeepMass(logits, probabilities, Ranked(logits), mass, out margin);
    }

    public static double[] MinP(double[] logits, double temperature, double share, out double margin)
    {
        double[] probabilities = Softmax(logits, temperature);
        double threshold = share * probabilities.Max();
        margin = probabilities.Min(p => Math.Abs(p - threshold) / threshold);
        return Keep(logits, Enumerable.Range(0, logits.Length).Where(id => probabilities[id] >= threshold));
    }

    /// <summary>|-ln p - H| of every token.</summary>
    public static double[] Atypicality(double[] logits, double temperature)
    {
        double[] probabilities = Softmax(logits, temperature);
        double entropy = -probabilities.Where(p => p > 0).Sum(p => p * Math.Log(p));
        return [.. probabilities.Select(p => Math.Abs(-Math.Log(p) - entropy))];
    }

    public static double[] Typical(double[] logits, double temperature, double mass, out double margin)
    {
        double[] distances = Atypicality(logits, temperature);
        IEnumerable<int> ranked = Enumerable.Range(0, logits.Length).OrderBy(id => distances[id]).ThenBy(id => id);
        return KeepMass(logits, Softmax(logits, temperature), ranked, mass, out margin);
    }

    public static int[] Remaining(double[] logits) =>
        [.. Enumerable.Range(0, logits.Length).Where(id => !double.IsNegativeInfinity(logits[id]))];

    private static IEnumerable<int> Ranked(double[] logits) =>
        Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).ThenBy(id => id);

    /// <summary>The margin says how near a sum came to the mass, where float weights may decide otherwise.</summary>
    private static double[] KeepMass(double[] logits, double[] probabilities, IEnumerable<int> ranked, double mass, out double margin)
    {
        List<int> kept = [];
        double before = 0;
        margin = double.PositiveInfinity;
        foreach (int id in ranked)
        {
            if (kept.Count > 0) margin = Math.Min(margin, Math.Abs(before - mass));
            if (kept.Count > 0 && before >= mass) break;
            kept.Add(id);
            before += probabilities[id];
        }

        return Keep(logits, kept);
    }

    private static double[] Keep(double[] logits, IEnumerable<int> ids)
    {
        double[] result = new double[logits.Length];
        Array.Fill(result, double.NegativeInfinity);
        foreach (int id in ids) result[id] = logits[id];
        return result;
    }
}
