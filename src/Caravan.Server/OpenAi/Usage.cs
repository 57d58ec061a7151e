using System.Text.Json.Serialization;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>How many tokens an answer took. The prompt counts once, however many answers there are to it.</summary>
internal sealed record Usage(int PromptTokens, int CompletionTokens, int TotalTokens, PromptDetails? PromptTokensDetails = null)
{
    /// <summary>Of texts that are read and not answered.</summary>
    public static Usage OfReading(int tokens) => new(tokens, 0, tokens);

    /// <summary>Of answers: those to one prompt stand together.</summary>
    public static Usage Of(IEnumerable<Generation[]> prompts)
    {
        int prompt = 0, cached = 0, completion = 0;
        foreach (Generation[] answers in prompts)
        {
            prompt += answers[0].PromptTokens;
            cached += answers[0].ReusedTokens;
            completion += answers.Sum(answer => answer.Tokens.Count);
        }

        return new Usage(prompt, completion, prompt + completion, new PromptDetails(cached));
    }
}

/// <summary>How many tokens of a prompt were found in pages of earlier requests.</summary>
internal sealed record PromptDetails(int CachedTokens);

/// <summary>How fast an answer came; of several, the first. What is not known is left out.</summary>
internal sealed record Timings(
    double? QueueMs, double? PromptMs, [property: JsonPropertyName("prompt_tokens_per_second")] double? PromptSpeed,
    [property: JsonPropertyName("generated_tokens_per_second")] double? Speed, double? TimeToFirstTokenMs)
{
    /// <summary>Of a generation that has ended.</summary>
    public static Timings Of(Generation generation) => new(
        Rounded(generation.QueueTime?.TotalMilliseconds), Rounded((generation.TimeToFirstToken - generation.QueueTime)?.TotalMilliseconds),
        Rounded(generation.PromptTokensPerSecond), Rounded(generation.TokensPerSecond), Rounded(generation.TimeToFirstToken?.TotalMilliseconds));

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 3) : null;
}
