using System.Diagnostics.Metrics;

namespace Caravan.Inference;

/// <summary>
/// What an engine measures, for whoever listens to the meter <see cref="MeterName"/>; without a listener it costs nothing. Names and units
/// follow OpenTelemetry's conventions for generative AI where those have a name.
/// </summary>
internal sealed class EngineMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Caravan.Inference";

    private readonly Meter meter;
    private readonly Histogram<double> queue, firstToken, outputToken, interToken;
    private readonly Histogram<int> batchTokens, batchSequences;
    private readonly Counter<long> prompt, reused, generated, ended, preemptions;

    public EngineMetrics(string model, Func<EngineStatus> status)
    {
        meter = new Meter(MeterName, null, [new("gen_ai.provider.name", "caravan"), new("gen_ai.request.model", model)]);
        queue = meter.CreateHistogram<double>("caravan.queue.duration", "s", "From submission to the first pass.");
        firstToken = meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "From submission to the first token.");
        outputToken = meter.CreateHistogram<double>("gen_ai.server.time_per_output_token", "s", "Time per token after the first, a mean of each answer.");
        interToken = meter.CreateHistogram<double>("caravan.inter_token.latency", "s", "From one token of an answer to the next.");
        batchTokens = meter.CreateHistogram<int>("caravan.batch.tokens", "{token}", "Tokens of a pass.");
        batchSequences = meter.CreateHistogram<int>("caravan.batch.sequences", "{sequence}", "Sequences of a pass.");
        prompt = meter.CreateCounter<long>("caravan.tokens.prompt", "{token}", "Prompt tokens computed.");
        reused = meter.CreateCounter<long>("caravan.tokens.reused", "{token}", "Prompt tokens found in pages.");
        generated = meter.CreateCounter<long>("caravan.tokens.generated", "{token}", "Tokens generated.");
        ended = meter.CreateCounter<long>("caravan.generations", "{generation}", "Generations that ended, by how.");
        preemptions = meter.CreateCounter<long>("caravan.preemptions", "{preemption}", "Sequences that gave their pages back and were computed again.");
        meter.CreateObservableGauge("caravan.sequences.running", () => status().Running, "{sequence}", "Sequences that are computed.");
        meter.CreateObservableGauge("caravan.sequences.waiting", () => status().Waiting, "{sequence}", "Requests that wait for a place.");
        meter.CreateObservableGauge("caravan.pages.used", () => status().PagesUsed, "{page}", "Pages of keys and values that sequences hold.");
        meter.CreateObservableGauge("caravan.pages.total", () => status().PagesTotal, "{page}", "Pages of keys and values.");
    }

    /// <summary>After a pass.</summary>
    public void Passed(int tokens, int sequences, int promptTokens)
    {
        batchTokens.Record(tokens);
        batchSequences.Record(sequences);
        if (promptTokens > 0) prompt.Add(promptTokens);
    }

    /// <summary>When a request is let in for the first time.</summary>
    public void Admitted(Generation generation)
    {
        queue.Record(generation.QueueTime!.Value.TotalSeconds);
        if (generation.ReusedTokens > 0) reused.Add(generation.ReusedTokens);
    }

    /// <summary>After each token.</summary>
    public void Generated(Generation generation)
    {
        generated.Add(1);
        if (generation.Tokens.Count == 1) firstToken.Record(generation.TimeToFirstToken!.Value.TotalSeconds);
        else interToken.Record(generation.LastInterval);
    }

    /// <summary>When a sequence has to give way.</summary>
    public void Preempted() => preemptions.Add(1);

    /// <summary>At the end of a generation.</summary>
    public void Ended(Generation generation)
    {
        ended.Add(1, new KeyValuePair<string, object?>("gen_ai.response.finish_reason", Name(generation.FinishReason)));
        if (generation.TokensPerSecond is { } speed) outputToken.Record(1 / speed);
    }

    public void Dispose() => meter.Dispose();

    private static string Name(FinishReason? reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.Cancelled => "cancelled",
        FinishReason.TimedOut => "timed_out",
        _ => "error",
    };
}
