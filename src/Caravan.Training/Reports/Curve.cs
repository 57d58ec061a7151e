namespace Caravan.Training;

/// <summary>A quantity over the steps of a run.</summary>
/// <param name="Steps">Steps, ascending.</param>
/// <param name="Values">The quantity at each; finite.</param>
internal sealed record Curve(IReadOnlyList<double> Steps, IReadOnlyList<double> Values)
{
    /// <summary>Points that a drawing has room for.</summary>
    private const int Room = 800;

    /// <summary>Whether there is nothing to draw.</summary>
    public bool IsEmpty => Steps.Count == 0;

    /// <summary>The curve of points.</summary>
    public static Curve Of(IEnumerable<(double Step, double Value)> points)
    {
        (double Step, double Value)[] finite = [.. points.Where(point => double.IsFinite(point.Value))];
        return new Curve([.. finite.Select(point => point.Step)], [.. finite.Select(point => point.Value)]);
    }

    /// <summary>
    /// The exponential moving average over about a fiftieth of the curve, divided by the weights that it has so far, so that it does not begin at 0
    /// (Kingma and Ba 2015, section 3).
    /// </summary>
    public Curve Smoothed()
    {
        double decay = 1 - (1 / Math.Max(1, Steps.Count / 50.0)), mean = 0, weight = 0;
        double[] smooth = new double[Values.Count];
        for (int i = 0; i < smooth.Length; i++)
        {
            mean = (decay * mean) + ((1 - decay) * Values[i]);
            weight = (decay * weight) + (1 - decay);
            smooth[i] = mean / weight;
        }

        return this with { Values = smooth };
    }

    /// <summary>The curve in as many points as can be seen: of neighbours that fall together, the least and the largest.</summary>
    public Curve Thinned()
    {
        if (Steps.Count <= Room) return this;
        List<(double Step, double Value)> kept = [];
        int group = (int)Math.Ceiling(2.0 * Steps.Count / Room);
        for (int start = 0; start < Steps.Count; start += group)
        {
            int end = Math.Min(Steps.Count, start + group), least = start, largest = start;
            for (int i = start; i < end; i++)
            {
                if (Values[i] < Values[least]) least = i;
                if (Values[i] > Values[largest]) largest = i;
            }

            kept.Add((Steps[Math.Min(least, largest)], Values[Math.Min(least, largest)]));
            if (least != largest) kept.Add((Steps[Math.Max(least, largest)], Values[Math.Max(least, largest)]));
        }

        return Of(kept);
    }

    /// <summary>The value that a part of the values are at most.</summary>
    /// <param name="part">From 0 for the least to 1 for the largest.</param>
    public double Quantile(double part)
    {
        double[] sorted = [.. Values.Order()];
        return sorted[(int)Math.Round(part * (sorted.Length - 1))];
    }
}
