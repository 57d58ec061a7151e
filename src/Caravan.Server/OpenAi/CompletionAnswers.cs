using System.Text.Json.Serialization;

namespace Caravan.Server;

/// <summary>A text that was continued, or a piece of it: then usage comes last.</summary>
internal sealed record Completion(
    string Id, string Object, long Created, string Model, IReadOnlyList<CompletionChoice> Choices, string SystemFingerprint, Usage? Usage = null, Timings? Timings = null);

/// <summary>One of the continuations.</summary>
internal sealed record CompletionChoice(
    string Text,
    int Index,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] CompletionLogProbabilities? Logprobs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason = null);

/// <summary>The tokens of a text in the older form: a list for each of their properties.</summary>
internal sealed record CompletionLogProbabilities(
    IReadOnlyList<string> Tokens, IReadOnlyList<float?> TokenLogprobs, IReadOnlyList<Dictionary<string, float>?> TopLogprobs, IReadOnlyList<int> TextOffset);
