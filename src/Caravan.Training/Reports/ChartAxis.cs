using System.Globalization;

namespace Caravan.Training;

/// <summary>Values on one side of a chart, and their places along it.</summary>
internal sealed class ChartAxis
{
    private readonly double least, largest;

    private ChartAxis(double least, double largest, bool logarithmic)
    {
        (this.least, this.largest, IsLogarithmic) = (least, largest, logarithmic);
        Ticks = logarithmic ? Powers(least, largest) : Multiples(least, largest);
    }

    /// <summary>Whether equal distances are equal factors.</summary>
    public bool IsLogarithmic { get; }

    /// <summary>Values to write beside the axis.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis from one value to another, in equal distances.</summary>
    public static ChartAxis Between(double least, double largest) => new(least, largest, logarithmic: false);

    /// <summary>
    /// An axis for curves. A few values far off leave it, since they would press everything else together; where values differ by large factors it is
    /// logarithmic.
    /// </summary>
    /// <param name="curves">Not empty.</param>
    /// <param name="mayBeLogarithmic">False where equal distances mean more.</param>
    public static ChartAxis For(IReadOnlyList<Curve> curves, bool mayBeLogarithmic = true)
    {
        double low = curves.Min(curve => curve.Quantile(curve.Steps.Count > 100 ? 0.002 : 0));
        double high = curves.Max(curve => curve.Quantile(curve.Steps.Count > 100 ? 0.995 : 1));
        const double largeFactor = 50;
        if (mayBeLogarithmic && low > 0 && high > low * largeFactor) return new ChartAxis(low * 0.9, high * 1.1, logarithmic: true);
        double margin = high > low ? 0.06 * (high - low) : Math.Max(Math.Abs(high) * 0.1, 1e-9);
        // Nothing is gained by room below zero for what is never negative.
        return Between(low >= 0 ? Math.Max(0, low - margin) : low - margin, high + margin);
    }

    /// <summary>The place of a value: 0 at the least, 1 at the largest.</summary>
    public double PlaceOf(double value)
    {
        double place = IsLogarithmic
            ? Math.Log(Math.Max(value, double.Epsilon) / least) / Math.Log(largest / least)
            : (value - least) / (largest - least);
        return Math.Clamp(place, -0.02, 1.02);
    }

    /// <summary>A value beside the axis.</summary>
    public string Label(double value)
    {
        double size = Math.Abs(value);
        if (size < (largest - least) * 1e-9) return "0";
        if (size >= 1e9) return Written(value / 1e9, "0.###", "G");
        if (size >= 1e6) return Written(value / 1e6, "0.###", "M");
        if (size >= 1e4) return Written(value / 1e3, "0.###", "k");
        if (size is > 0 and < 1e-3) return value.ToString("0.##e0", CultureInfo.InvariantCulture);
        return Written(value, "0.#####", "");
    }

    private static string Written(double value, string format, string unit) => value.ToString(format, CultureInfo.InvariantCulture) + unit;

    /// <summary>Three to seven multiples of 1, 2 or 5 times a power of ten.</summary>
    private static List<double> Multiples(double least, double largest)
    {
        if (!(largest > least)) return [least];
        double rough = (largest - least) / 5, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * ((rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        List<double> ticks = [];
        for (double i = Math.Ceiling(least / step); i * step <= largest + (step * 1e-9); i++) ticks.Add(i * step);
        return ticks;
    }

    private static List<double> Powers(double least, double largest)
    {
        double[] steps = Math.Log10(largest / least) > 2.5 ? [1] : [1, 2, 5];
        List<double> ticks = [];
        for (double exponent = Math.Floor(Math.Log10(least)); exponent <= Math.Log10(largest); exponent++)
            ticks.AddRange(steps.Select(step => step * Math.Pow(10, exponent)).Where(tick => tick >= least && tick <= largest));
        return ticks;
    }
}
