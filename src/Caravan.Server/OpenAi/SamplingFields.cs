using System.Text.Json;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>Reads how tokens are chosen, by the names that OpenAI's API has, and by usual names for what it lacks.</summary>
internal static class SamplingFields
{
    /// <summary>What a request says; what it leaves out is neutral.</summary>
    /// <param name="body">The request.</param>
    /// <param name="vocabulary">How many tokens there are.</param>
    /// <param name="logProbs">How many alternatives are told for each token.</param>
    /// <exception cref="ApiException">A value is out of range.</exception>
    public static SamplingOptions Read(Fields body, int vocabulary, int logProbs) => new()
    {
        Temperature = body.Number("temperature", 0, 2) ?? 1,
        TopP = body.Number("top_p", 0, 1) ?? 1,
        // −1 means all to programs that come from other servers.
        TopK = Math.Max(0, body.Whole("top_k", -1) ?? 0),
        MinP = body.Number("min_p", 0, 1) ?? 0,
        TypicalP = body.Number("typical_p", float.Epsilon, 1) ?? 1,
        RepetitionPenalty = body.Number("repetition_penalty", float.Epsilon, float.MaxValue) ?? 1,
        PresencePenalty = body.Number("presence_penalty", -2, 2) ?? 0,
        FrequencyPenalty = body.Number("frequency_penalty", -2, 2) ?? 0,
        Seed = body.Seed("seed"),
        LogitBias = ReadBias(body, vocabulary),
        LogProbs = logProbs,
    };

    /// <summary>The seed of one of several answers to the same prompt.</summary>
    public static SamplingOptions ForAnswer(this SamplingOptions sampling, int number) => number == 0 || sampling.Seed is not { } seed ? sampling : sampling with { Seed = unchecked(seed + (ulong)number) };

    private static Dictionary<int, float>? ReadBias(Fields body, int vocabulary)
    {
        if (body.Object("logit_bias") is not { } given) return null;
        Dictionary<int, float> bias = [];
        foreach (JsonProperty pair in given.Element.EnumerateObject())
        {
            if (!int.TryParse(pair.Name, out int token) || (uint)token >= (uint)vocabulary)
                throw ApiException.Invalid($"Invalid key in 'logit_bias': '{pair.Name}' is no token of this model, which knows 0 to {vocabulary - 1}.", "logit_bias", "invalid_logit_bias");
            bias[token] = given.Number(pair.Name, -100, 100) ?? 0;
        }

        return bias.Count == 0 ? null : bias;
    }
}
