using System.Text;

namespace Caravan.Server;

/// <summary>A number that was measured, or how measurements spread over buckets.</summary>
/// <param name="bounds">The upper bounds of the buckets, ascending; none for a number.</param>
internal sealed class MetricSeries(double[] bounds)
{
    private readonly long[] buckets = new long[bounds.Length];
    private double value;
    private long count;

    /// <summary>Takes a measurement.</summary>
    public void Take(double measured, bool isSet)
    {
        value = isSet ? measured : value + measured;
        count++;
        for (int i = 0; i < bounds.Length; i++)
        {
            if (measured > bounds[i]) continue;
            buckets[i]++;
            break;
        }
    }

    /// <summary>Writes it in Prometheus' text format.</summary>
    public void Write(StringBuilder text, string name, string labels)
    {
        if (bounds.Length == 0)
        {
            text.Append(name).Append(InBraces(labels)).Append(' ').Append(PrometheusExposition.Number(value)).Append('\n');
            return;
        }

        long below = 0;
        for (int i = 0; i < bounds.Length; i++)
        {
            below += buckets[i];
            text.Append($"{name}_bucket{{{Before(labels)}le=\"{PrometheusExposition.Number(bounds[i])}\"}} {below}\n");
        }

        text.Append($"{name}_bucket{{{Before(labels)}le=\"+Inf\"}} {count}\n");
        text.Append($"{name}_sum{InBraces(labels)} {PrometheusExposition.Number(value)}\n{name}_count{InBraces(labels)} {count}\n");
    }

    private static string InBraces(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    private static string Before(string labels) => labels.Length == 0 ? "" : labels + ",";
}
