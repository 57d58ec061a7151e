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

    /// <summary>Means over the neighbours of each point, about a fiftieth of the curve; as many on either side, so that nothing is shifted.</summary>
    public Curve Smoothed()
    {
        int reach = Values.Count / 100;
        double[] sums = new double[Values.Count + 1], smooth = new double[Values.Count];
        for (int i = 0; i < smooth.Length; i++) sums[i + 1] = sums[i] + Values[i];
        for (int i = 0; i < smooth.Length; i++)
        {
            int near = Math.Min(reach, Math.Min(i, smooth.Length - 1 - i));
            smooth[i] = (sums[i + near + 1] - sums[i - near]) / ((2 * near) + 1);
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
