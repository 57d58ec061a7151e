using System.CommandLine;
using Caravan.Inference;

namespace Caravan.Cli;

/// <summary>How tokens are chosen, and when to stop.</summary>
internal sealed class SamplingFlags(int maxTokens)
{
    private readonly Option<int?> limit = Flag.Number<int>("--max-tokens", "N", $"Most tokens to generate (default {maxTokens}).");
    private readonly Option<bool> greedy = Flag.Switch("--greedy", "Always take the most probable token; the same as --temperature 0.");
    private readonly Option<float?> temperature = Flag.Number<float>("--temperature", "T", $"Below 1 sharpens, above 1 flattens the model's distribution (default 1; {EmbeddedModel.Temperature} for {EmbeddedModel.Name}).");
    private readonly Option<int?> topK = Flag.Number<int>("--top-k", "K", "Keep the K most probable tokens (default 0: all).");
    private readonly Option<float?> topP = Flag.Number<float>("--top-p", "P", "Keep the most probable tokens that together reach P (default 1: all).");
    private readonly Option<float?> minP = Flag.Number<float>("--min-p", "P", "Keep tokens at least P times as probable as the most probable (default 0: all).");
    private readonly Option<float?> typicalP = Flag.Number<float>("--typical-p", "P", "Keep the most typical tokens that together reach P (default 1: all).");
    private readonly Option<float?> repetition = Flag.Number<float>("--repetition-penalty", "X", "Above 1 discourages tokens of the text so far (default 1: none).");
    private readonly Option<float?> presence = Flag.Number<float>("--presence-penalty", "X", "Taken once from tokens generated before; -2 to 2 (default 0).");
    private readonly Option<float?> frequency = Flag.Number<float>("--frequency-penalty", "X", "Taken for each time a token was generated; -2 to 2 (default 0).");
    private readonly Option<int?> window = Flag.Number<int>("--penalty-window", "N", "How many of the last tokens the penalties look at (default -1: all).");
    private readonly Option<ulong?> seed = Flag.Number<ulong>("--seed", "N", "Equal seeds give equal texts (default: a new one each time).");
    private readonly Option<string[]> stop = Flag.Texts("--stop", "TEXT", "End before this text; may be given several times.");
    private readonly GrammarFlags grammar = new();
    private readonly Option<bool> ignoreEnd = Flag.Switch("--ignore-eos", "Do not stop at end-of-text tokens.");

    /// <summary>All of them.</summary>
    public IEnumerable<Symbol> Symbols =>
        [limit, greedy, temperature, topK, topP, minP, typicalP, repetition, presence, frequency, window, seed, stop, ignoreEnd, .. grammar.Symbols];

    /// <summary>What the command line says, over the neutral defaults.</summary>
    /// <exception cref="CaravanException">A value is out of range.</exception>
    public TextRequest Read(ParseResult parsed, string prompt, float? usualTemperature = null)
    {
        if (parsed.GetValue(greedy) && parsed.GetValue(temperature) is { } given)
            throw new UsageException($"--greedy and --temperature {given} contradict each other; leave one out.");
        SamplingOptions neutral = new();
        SamplingOptions sampling = new()
        {
            Temperature = parsed.GetValue(greedy) ? 0 : parsed.GetValue(temperature) ?? usualTemperature ?? neutral.Temperature,
            TopK = parsed.GetValue(topK) ?? neutral.TopK,
            TopP = parsed.GetValue(topP) ?? neutral.TopP,
            MinP = parsed.GetValue(minP) ?? neutral.MinP,
            TypicalP = parsed.GetValue(typicalP) ?? neutral.TypicalP,
            RepetitionPenalty = parsed.GetValue(repetition) ?? neutral.RepetitionPenalty,
            PresencePenalty = parsed.GetValue(presence) ?? neutral.PresencePenalty,
            FrequencyPenalty = parsed.GetValue(frequency) ?? neutral.FrequencyPenalty,
            PenaltyWindow = parsed.GetValue(window) ?? neutral.PenaltyWindow,
            Seed = parsed.GetValue(seed) ?? NewSeed(),
            Grammar = grammar.Read(parsed),
        };
        sampling.Validate();
        int most = parsed.GetValue(limit) ?? maxTokens;
        if (most < 1) throw new UsageException($"--max-tokens takes 1 or more, not {most}.");
        return new TextRequest
        {
            Prompt = prompt,
            Sampling = sampling,
            MaxTokens = most,
            StopStrings = parsed.GetValue(stop) ?? [],
            IgnoreEnd = parsed.GetValue(ignoreEnd),
        };
    }

    /// <summary>Chosen here and not in the engine, so that it can be told; small enough for programs that read JSON numbers as doubles.</summary>
    private static ulong NewSeed() => (ulong)Random.Shared.NextInt64(1L << 53);
}
