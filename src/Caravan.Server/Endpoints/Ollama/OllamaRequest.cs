using System.Text.Json;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>Reads what requests of Ollama's clients have in common. What they leave out is neutral, as everywhere in Caravan, and not what Ollama takes.</summary>
internal static class OllamaRequest
{
    /// <summary>How tokens are chosen and when to stop, over an empty prompt.</summary>
    /// <exception cref="ApiException">A value is out of range.</exception>
    public static TextRequest Read(ApiCall call)
    {
        Fields options = call.Body.Object("options") ?? Fields.Parse("{}"u8.ToArray());
        SamplingOptions sampling = new()
        {
            Temperature = options.Number("temperature", 0, 100) ?? 1,
            TopK = Math.Max(0, options.Whole("top_k", -1) ?? 0),
            TopP = options.Number("top_p", 0, 1) ?? 1,
            MinP = options.Number("min_p", 0, 1) ?? 0,
            TypicalP = options.Number("typical_p", float.Epsilon, 1) ?? 1,
            RepetitionPenalty = options.Number("repeat_penalty", float.Epsilon, float.MaxValue) ?? 1,
            PenaltyWindow = options.Whole("repeat_last_n", -1) ?? -1,
            PresencePenalty = options.Number("presence_penalty", -2, 2) ?? 0,
            FrequencyPenalty = options.Number("frequency_penalty", -2, 2) ?? 0,
            Seed = options.Seed("seed"),
            Grammar = StructuredFields.ReadOllama(call.Body, call.Grammars),
        };
        // −1 is as long as it takes, and −2 what the context holds.
        int most = options.Whole("num_predict", -2) ?? -1;
        return call.ReadRequest(sampling, most < 1 ? null : most) with { StopStrings = [.. options.Texts("stop").Where(stop => stop.Length > 0)] };
    }

    /// <summary>Whether a request without a prompt asks for the model to be unloaded: a keep_alive of nothing, as a number or a duration.</summary>
    public static bool Unloads(Fields body) => body.Any("keep_alive") is { } time
        && ((time.ValueKind == JsonValueKind.Number && time.GetDouble() == 0) || (time.ValueKind == JsonValueKind.String && time.GetString()!.TrimEnd('s', 'm', 'h') == "0"));

    /// <summary>What an answer of either form ends with.</summary>
    public static OllamaAnswer End(ApiCall call, Generation tokens, string reason, TimeSpan total) => new(call.ModelId, DateTime.UtcNow, true)
    {
        DoneReason = reason,
        TotalDuration = Nanoseconds(total),
        LoadDuration = Nanoseconds(call.LoadTime),
        PromptEvalCount = tokens.PromptTokens,
        PromptEvalDuration = Nanoseconds((tokens.TimeToFirstToken - tokens.QueueTime) ?? TimeSpan.Zero),
        EvalCount = tokens.Tokens.Count,
        EvalDuration = Nanoseconds(tokens.TokensPerSecond is { } speed ? TimeSpan.FromSeconds((tokens.Tokens.Count - 1) / speed) : TimeSpan.Zero),
    };

    /// <summary>A time in nanoseconds.</summary>
    public static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
