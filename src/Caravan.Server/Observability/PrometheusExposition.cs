using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>Listens to the meters of the engine and of the server, and writes what they measured in Prometheus' text format.</summary>
internal sealed class PrometheusExposition : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private readonly List<MetricFamily> families = [];

    /// <summary>Begins to listen.</summary>
    public PrometheusExposition()
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name is EngineMetrics.MeterName or ServerMetrics.Name) self.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((MetricFamily.Source)state!).Take(value, tags));
        listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((MetricFamily.Source)state!).Take(value, tags));
        listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((MetricFamily.Source)state!).Take(value, tags));
        listener.MeasurementsCompleted = (_, state) => ((MetricFamily.Source)state!).Retire();
        listener.Start();
    }

    /// <summary>Everything measured so far.</summary>
    public string Write()
    {
        listener.RecordObservableInstruments();
        StringBuilder text = new();
        lock (gate)
            foreach (MetricFamily family in families) family.Write(text);
        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    /// <summary>A number as Prometheus reads it.</summary>
    internal static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private MetricFamily.Source FamilyOf(Instrument instrument)
    {
        lock (gate)
        {
            MetricFamily? family = families.Find(known => known.Instrument == instrument.Name);
            if (family is null) families.Add(family = new MetricFamily(instrument));
            return family.SourceOf(instrument);
        }
    }
}
