using System.Diagnostics.Metrics;
using System.Text;

namespace Caravan.Server;

/// <summary>All that was measured under one name: a series for each set of labels.</summary>
internal sealed class MetricFamily
{
    private readonly string name, description, kind;
    private readonly double[] bounds;
    private readonly Lock gate = new();
    private readonly Dictionary<string, MetricSeries> series = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> sources = new(StringComparer.Ordinal);

    /// <summary>The family of an instrument and of those with its name in other meters.</summary>
    public MetricFamily(Instrument instrument)
    {
        Instrument = instrument.Name;
        description = instrument.Description ?? "";
        Type type = instrument.GetType().GetGenericTypeDefinition();
        bool counts = type == typeof(Counter<>);
        kind = counts ? "counter" : type == typeof(Histogram<>) ? "histogram" : "gauge";
        IsSet = type == typeof(ObservableGauge<>);
        bool isTime = instrument.Unit == "s";
        name = instrument.Name.Replace('.', '_') + (isTime ? "_seconds" : "") + (counts ? "_total" : "");
        // From a millisecond to two minutes, or from 1 to 8192.
        bounds = kind == "histogram" ? [.. Enumerable.Range(0, isTime ? 18 : 14).Select(power => Math.ScaleB(isTime ? 0.001 : 1, power))] : [];
    }

    /// <summary>The instrument's name.</summary>
    public string Instrument { get; }

    /// <summary>Whether a measurement takes the place of the one before, and does not add to it.</summary>
    public bool IsSet { get; }

    /// <summary>Where an instrument puts what it measures.</summary>
    public Source SourceOf(Instrument instrument)
    {
        StringBuilder labels = new();
        foreach ((string key, object? value) in instrument.Meter.Tags ?? []) Append(labels, key, value);
        string all = labels.ToString();
        lock (gate) sources[all] = sources.GetValueOrDefault(all) + 1;
        return new Source(this, all);
    }

    /// <summary>Writes the family.</summary>
    public void Write(StringBuilder text)
    {
        lock (gate)
        {
            if (series.Count == 0) return;
            text.Append($"# HELP {name} {description}\n# TYPE {name} {kind}\n");
            foreach ((string labels, MetricSeries one) in series) one.Write(text, name, labels);
        }
    }

    private static void Append(StringBuilder labels, string key, object? value)
    {
        if (labels.Length > 0) labels.Append(',');
        string text = (value?.ToString() ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        labels.Append(key.Replace('.', '_')).Append("=\"").Append(text).Append('"');
    }

    /// <summary>What one instrument measures. Measurements without labels of their own, which are the many, cost no look-up.</summary>
    internal sealed class Source(MetricFamily family, string labels)
    {
        private MetricSeries? plain;

        /// <summary>Takes a measurement.</summary>
        public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (family.gate)
            {
                MetricSeries one = tags.Length == 0 ? plain ??= SeriesOf(labels) : SeriesOf(With(tags));
                one.Take(value, family.IsSet);
            }
        }

        /// <summary>The instrument is gone: what it last showed is not so any more, unless another shows the same, and what it counted stays.</summary>
        public void Retire()
        {
            if (!family.IsSet) return;
            lock (family.gate)
                if (--family.sources[labels] == 0) family.series.Remove(labels);
        }

        private string With(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            StringBuilder all = new(labels);
            foreach ((string key, object? value) in tags) Append(all, key, value);
            return all.ToString();
        }

        private MetricSeries SeriesOf(string all)
        {
            if (!family.series.TryGetValue(all, out MetricSeries? one)) family.series[all] = one = new MetricSeries(family.bounds);
            return one;
        }
    }
}
