using System.Security.Cryptography;

namespace Caravan.Inference;

/// <summary>Chooses the tokens of one sequence; <see cref="SamplingOptions"/> says by which steps and in which order.</summary>
/// <remarks>Nothing is allocated after construction. Not thread-safe; samplers that share a <see cref="CandidateSet"/> take turns.</remarks>
internal sealed class Sampler
{
    private readonly int _vocabularySize;
    private readonly float _temperature;
    private readonly LogitBias _bias;
    private readonly Penalties _penalties;
    private readonly TokenHistory? _history;
    private readonly TopK _topK;
    private readonly TopP _topP;
    private readonly MinP _minP;
    private readonly TypicalP _typicalP;
    private readonly CandidateSet? _candidates;
    private readonly Candidate[] _best;
    private readonly TokenLogProbability[] _top;
    private SplitMix64 _random;
    private int _topCount;

    /// <summary>
    /// Creates the sampler of a new sequence. <paramref name="candidates"/> is working memory to share among samplers that run in turn
    /// (28 bytes per token of the vocabulary); without it the sampler has its own.
    /// </summary>
    /// <exception cref="CaravanException">An option is outside its range, or a bias names a token outside the vocabulary.</exception>
    public Sampler(SamplingOptions options, int vocabularySize, CandidateSet? candidates = null)
    {
        options.Validate();
        if (candidates?.Capacity < vocabularySize)
            throw new ArgumentException("The candidate set is smaller than the vocabulary.", nameof(candidates));
        _vocabularySize = vocabularySize;
        _temperature = options.Temperature;
        _bias = new LogitBias(options.LogitBias, vocabularySize);
        _penalties = new Penalties(options.RepetitionPenalty, options.PresencePenalty, options.FrequencyPenalty);
        _history = _penalties.Any ? new TokenHistory(vocabularySize, options.PenaltyWindow) : null;
        _topK = new TopK(options.TopK);
        _topP = new TopP(options.TopP);
        _minP = new MinP(options.MinP);
        _typicalP = new TypicalP(options.TypicalP);
        _candidates = _temperature == 0 ? null : candidates ?? new CandidateSet(vocabularySize);
        _best = new Candidate[Math.Min(options.LogProbs, vocabularySize)];
        _top = new TokenLogProbability[_best.Length];
        Seed = options.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        _random = new SplitMix64(Seed);
    }

    /// <summary>The seed in use: the one asked for, or the one taken instead.</summary>
    public ulong Seed { get; }

    /// <summary>
    /// The most probable tokens of the last row under the model's own distribution, most probable first, lower ids first among equals;
    /// overwritten by the next <see cref="Sample"/>.
    /// </summary>
    public ReadOnlySpan<TokenLogProbability> TopLogProbabilities => _top.AsSpan(0, _topCount);

    /// <summary>Records the prompt, which the repetition penalty looks at and the presence and frequency penalties do not.</summary>
    public void AcceptPrompt(ReadOnlySpan<int> tokens)
    {
        if (_history is null) return;
        foreach (int token in tokens) _history.Add(token, generated: false);
    }

    /// <summary>Records a generated token.</summary>
    public void Accept(int token) => _history?.Add(token, generated: true);

    /// <summary>
    /// Chooses a token. The row (logits: [V] f32) may hold negative infinity where a mask forbids a token; it is changed while this runs and
    /// put back before it returns. Every call at a temperature above 0 that finds a token takes exactly one random number.
    /// </summary>
    public SampledToken Sample(Span<float> logits)
    {
        if (logits.Length != _vocabularySize)
            throw new ArgumentException($"A row of {logits.Length} logits does not fit a vocabulary of {_vocabularySize}.", nameof(logits));
        _topCount = 0;
        float largest = LogitMath.Max(logits);
        SamplingFault fault = FaultOf(largest);
        if (fault != SamplingFault.None) return SampledToken.Failed(fault);

        double logNormalizer = largest + Math.Log(LogitMath.SumExp(logits, largest));
        if (_best.Length > 0) FindTop(logits, logNormalizer);
        int id = Choose(logits, largest);
        return id < 0
            ? SampledToken.Failed(SamplingFault.NothingAllowed)
            : new SampledToken(id, (float)(logits[id] - logNormalizer), SamplingFault.None);
    }

    private static SamplingFault FaultOf(float largest) => largest switch
    {
        float.NaN => SamplingFault.NotANumber,
        float.PositiveInfinity => SamplingFault.PositiveInfinity,
        float.NegativeInfinity => SamplingFault.NothingAllowed,
        _ => SamplingFault.None,
    };

    private int Choose(Span<float> logits, float largest)
    {
        if (!_bias.Any && _history is null) return Draw(logits, largest);

        // Bias first, as transformers' sequence bias, vLLM and llama.cpp all have it: a penalty then acts on the biased logit.
        _bias.Apply(logits);
        if (_history is not null) _penalties.Apply(logits, _history.Counts);
        int id = Draw(logits, LogitMath.Max(logits));
        if (_history is not null) _penalties.Undo(logits, _history.Counts);
        _bias.Undo(logits);
        return id;
    }

    private int Draw(ReadOnlySpan<float> logits, float largest)
    {
        if (float.IsNegativeInfinity(largest)) return -1;
        if (_candidates is null) return LogitMath.NextAbove(logits, 0, MathF.BitDecrement(largest));

        _topK.Load(logits, _candidates);
        _candidates.Weigh(largest, _temperature);
        _topP.Apply(_candidates);
        _minP.Apply(_candidates);
        _typicalP.Apply(_candidates, largest, _temperature);
        ReadOnlySpan<float> weights = _candidates.Weights;
        return _candidates.Ids[LogitMath.Draw(weights, _random.NextDouble() * LogitMath.Sum(weights))];
    }

    private void FindTop(ReadOnlySpan<float> logits, double logNormalizer)
    {
        _topCount = Selection.Best(logits, _best);
        Span<Candidate> best = _best.AsSpan(0, _topCount);
        best.Sort();
        for (int i = 0; i < best.Length; i++) _top[i] = new TokenLogProbability(best[i].Id, (float)(best[i].Key - logNormalizer));
    }
}
