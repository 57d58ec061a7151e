namespace Caravan.Inference;

/// <summary>
/// How the next token is chosen from the model's logits. Every value starts neutral: the model's own distribution, nothing cut off.
/// The steps run in this order: <see cref="Grammar"/>, <see cref="LogitBias"/>, <see cref="RepetitionPenalty"/>, <see cref="FrequencyPenalty"/> and
/// <see cref="PresencePenalty"/>, <see cref="Temperature"/>, <see cref="TopK"/>, <see cref="TopP"/>, <see cref="MinP"/>,
/// <see cref="TypicalP"/>; each cut-off works on what the steps before it left, renormalised.
/// </summary>
/// <remarks>
/// The order is that of Hugging Face transformers (<c>GenerationMixin._get_logits_processor</c>), the reference most model cards quote their
/// settings for. llama.cpp applies the temperature last, after the cut-offs: there a high temperature does not widen the candidate set.
/// </remarks>
public sealed record SamplingOptions
{
    /// <summary>Always the most probable token (<see cref="Temperature"/> 0), the lowest id among equals.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Divides the logits, so above 1 flattens the distribution and below 1 sharpens it; 0 or more, neutral 1, 0 is greedy.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>
    /// Keeps the K most probable tokens, lower ids first among equals (Fan, Lewis, Dauphin 2018); 0 or more, neutral 0.
    /// Exactly K are kept; transformers also keeps the tokens that tie with the K-th.
    /// </summary>
    public int TopK { get; init; }

    /// <summary>
    /// Keeps the smallest set of most probable tokens whose probabilities sum to P or more, and always one token
    /// (nucleus sampling, Holtzman et al. 2020); 0 to 1, neutral 1.
    /// </summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keeps tokens at least this probable relative to the most probable one (min-p, Nguyen et al. 2024); 0 to 1, neutral 0.</summary>
    public float MinP { get; init; }

    /// <summary>
    /// Keeps the tokens whose information content is nearest to the distribution's entropy until their probabilities sum to this mass
    /// (locally typical sampling, Meister et al. 2023); above 0 and up to 1, neutral 1.
    /// </summary>
    public float TypicalP { get; init; } = 1;

    /// <summary>
    /// Divides the positive and multiplies the negative logits of every token in the prompt or the text so far (CTRL, Keskar et al. 2019, with
    /// the sign rule of transformers); above 0, neutral 1, above 1 discourages repetition.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>
    /// Subtracted once from the logit of every token generated so far; the prompt does not count (OpenAI's presence penalty); -2 to 2, neutral 0.
    /// </summary>
    public float PresencePenalty { get; init; }

    /// <summary>
    /// Subtracted from a token's logit once for each time it was generated; the prompt does not count (OpenAI's frequency penalty);
    /// -2 to 2, neutral 0.
    /// </summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>
    /// How many of the last tokens, prompt included, the three penalties look at (llama.cpp's <c>repeat_last_n</c>); -1 or more, -1 is all of
    /// them (as in transformers and OpenAI's API), 0 is none.
    /// </summary>
    public int PenaltyWindow { get; init; } = -1;

    /// <summary>Seed of the random choices: equal seeds and equal logits give equal tokens; null takes a new seed each time.</summary>
    public ulong? Seed { get; init; }

    /// <summary>
    /// Added to the logits of the given token ids (OpenAI's <c>logit_bias</c>); finite, or negative infinity to forbid a token; neutral: none.
    /// </summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>
    /// What the text must look like: tokens that cannot go on with it are left out, and the others keep their proportions. The tokens that end a
    /// text may come when the grammar is complete and not before; where nothing else can follow, the text ends. Neutral: null.
    /// </summary>
    public Grammar? Grammar { get; init; }

    /// <summary>How many of the most probable tokens to report with their log-probabilities at each step; 0 or more, neutral 0.</summary>
    public int LogProbs { get; init; }

    /// <summary>Checks every value against its range.</summary>
    /// <exception cref="CaravanException">A value is outside its range.</exception>
    public void Validate()
    {
        Require(float.IsFinite(Temperature) && Temperature >= 0, "Temperature", Temperature, "a finite number of 0 or more",
            "1 leaves the model's distribution as it is, 0 takes the most probable token");
        Require(TopK >= 0, "TopK", TopK, "0 or more", "0 switches it off");
        Require(TopP is >= 0 and <= 1, "TopP", TopP, "from 0 to 1", "1 switches it off");
        Require(MinP is >= 0 and <= 1, "MinP", MinP, "from 0 to 1", "0 switches it off");
        Require(TypicalP is > 0 and <= 1, "TypicalP", TypicalP, "above 0 and at most 1", "1 switches it off");
        Require(float.IsFinite(RepetitionPenalty) && RepetitionPenalty > 0, "RepetitionPenalty", RepetitionPenalty, "a finite number above 0",
            "1 switches it off");
        Require(PresencePenalty is >= -2 and <= 2, "PresencePenalty", PresencePenalty, "from -2 to 2", "0 switches it off");
        Require(FrequencyPenalty is >= -2 and <= 2, "FrequencyPenalty", FrequencyPenalty, "from -2 to 2", "0 switches it off");
        Require(PenaltyWindow >= -1, "PenaltyWindow", PenaltyWindow, "-1 or more", "-1 counts all tokens, 0 none");
        Require(LogProbs >= 0, "LogProbs", LogProbs, "0 or more", "0 reports no alternatives");
        foreach ((int token, float bias) in LogitBias ?? new Dictionary<int, float>())
        {
            Require(token >= 0, "LogitBias", token, "keyed by token ids of 0 or more", "an empty dictionary switches it off");
            Require(!float.IsNaN(bias) && bias < float.PositiveInfinity, $"LogitBias of token {token}", bias,
                "a finite number or negative infinity", "0 changes nothing, negative infinity forbids the token");
        }
    }

    private static void Require<T>(bool holds, string name, T value, string range, string neutral)
        where T : IFormattable
    {
        if (!holds)
            throw new CaravanException($"The sampling option {name} is {value.ToString(null, null)}, but must be {range}; {neutral}.");
    }
}
