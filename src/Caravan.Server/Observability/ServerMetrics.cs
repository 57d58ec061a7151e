using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary>What the server measures and traces, for whoever listens; names follow OpenTelemetry's conventions for generative AI where those have a name.</summary>
internal sealed class ServerMetrics : IDisposable
{
    /// <summary>The name of the meter and of the source of spans.</summary>
    public const string Name = "Caravan.Server";

    private static readonly ActivitySource Source = new(Name);
    private readonly Meter meter = new(Name);
    private readonly Histogram<double> duration;
    private readonly UpDownCounter<int> active;
    private readonly Counter<long> refused;

    public ServerMetrics()
    {
        duration = meter.CreateHistogram<double>("gen_ai.server.request.duration", "s", "From a request's body to the end of its answer.");
        active = meter.CreateUpDownCounter<int>("caravan.server.active_requests", "{request}", "Requests that are answered now.");
        refused = meter.CreateCounter<long>("caravan.server.refused_requests", "{request}", "Requests that were refused before a model saw them, by why.");
    }

    /// <summary>Begins to measure a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="operation">What it asks for, such as <c>chat</c>.</param>
    /// <param name="model">Which model.</param>
    public Operation Begin(HttpContext context, string operation, string model)
    {
        KeyValuePair<string, object?> name = new("gen_ai.operation.name", operation);
        active.Add(1, name);
        Operation begun = new(Source.StartActivity($"{operation} {model}", ActivityKind.Server), operation, model, (seconds, tags) =>
        {
            active.Add(-1, name);
            duration.Record(seconds, tags);
        });
        context.Features.Set(begun);
        return begun;
    }

    /// <summary>Counts a request that no model saw.</summary>
    public void Refuse(string why) => refused.Add(1, new KeyValuePair<string, object?>("error.type", why));

    public void Dispose() => meter.Dispose();
}
