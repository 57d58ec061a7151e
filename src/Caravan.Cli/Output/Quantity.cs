namespace Caravan.Cli;

/// <summary>Numbers as people read them.</summary>
internal static class Quantity
{
    private static readonly string[] CountUnits = ["", " thousand", " million", " billion", " trillion"];
    private static readonly string[] ByteUnits = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Such as <c>7.24 billion</c>.</summary>
    public static string Count(double value)
    {
        (double scaled, int unit) = Scale(value, 1000, CountUnits.Length);
        return Digits(scaled, unit) + CountUnits[unit];
    }

    /// <summary>Such as <c>3.83 GiB</c>.</summary>
    public static string Bytes(double value)
    {
        (double scaled, int unit) = Scale(value, 1024, ByteUnits.Length);
        return $"{Digits(scaled, unit)} {ByteUnits[unit]}";
    }

    /// <summary>Such as <c>850 ms</c> or <c>12.4 s</c>.</summary>
    public static string Time(TimeSpan time) => time.TotalSeconds < 1 ? $"{time.TotalMilliseconds:0} ms" : $"{time.TotalSeconds:0.0} s";

    /// <summary>Such as <c>1 token</c> or <c>3 tokens</c>.</summary>
    public static string Of(long count, string singular) => $"{count:N0} {singular}{(count == 1 ? "" : "s")}";

    private static (double Scaled, int Unit) Scale(double value, double step, int units)
    {
        int unit = 0;
        for (; value >= step && unit < units - 1; unit++) value /= step;
        return (value, unit);
    }

    private static string Digits(double value, int unit) => unit == 0 ? $"{value:0}" : value < 10 ? $"{value:0.00}" : value < 100 ? $"{value:0.0}" : $"{value:0}";
}
