using System.Security.Cryptography;

namespace Caravan.Inference;

/// <summary>Chooses the tokens of one sequence; <see cref="SamplingOptions"/> says by which steps and in which order.</summary>
/// <remarks>Nothing is allocated after construction. Not thread-safe; samplers that share a <see cref="CandidateSet"/> take turns.</remarks>
internal sealed class Sampler
{
    private readonly int vocabularySize;
    private readonly float temperature;
    private readonly LogitBias bias;
    private readonly Penalties penalties;
    private readonly TokenHistory? history;
    private readonly TopK topK;
    private readonly TopP topP;
    private readonly MinP minP;
    private readonly TypicalP typicalP;
    private readonly CandidateSet? candidates;
    private readonly GrammarCursor? grammar;
    private readonly float[] allowed;
    private readonly Candidate[] best;
    private readonly TokenLogProbability[] top;
    private SplitMix64 random;
    private int topCount;

    /// <summary>
    /// Creates the sampler of a new sequence. <paramref name="candidates"/> is working memory to share among samplers that run in turn
    /// (28 bytes per token of the vocabulary); without it the sampler has its own.
    /// </summary>
    /// <exception cref="CaravanException">An option is outside its range, or a bias names a token outside the vocabulary.</exception>
    public Sampler(SamplingOptions options, int vocabularySize, CandidateSet? candidates = null, GrammarCursor? grammar = null)
    {
        options.Validate();
        if (grammar is null && options.Grammar is not null) throw new ArgumentNullException(nameof(grammar));
        if (candidates?.Capacity < vocabularySize)
            throw new ArgumentException("The candidate set is smaller than the vocabulary.", nameof(candidates));
        this.vocabularySize = vocabularySize;
        temperature = options.Temperature;
        bias = new LogitBias(options.LogitBias, vocabularySize);
        penalties = new Penalties(options.RepetitionPenalty, options.PresencePenalty, options.FrequencyPenalty);
        history = penalties.Any ? new TokenHistory(vocabularySize, options.PenaltyWindow) : null;
        topK = new TopK(options.TopK);
        topP = new TopP(options.TopP);
        minP = new MinP(options.MinP);
        typicalP = new TypicalP(options.TypicalP);
        this.grammar = grammar;
        allowed = grammar is null ? [] : new float[vocabularySize];
        this.candidates = temperature == 0 ? null : candidates ?? new CandidateSet(vocabularySize);
        best = new Candidate[Math.Min(options.LogProbs, vocabularySize)];
        top = new TokenLogProbability[best.Length];
        Seed = options.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        random = new SplitMix64(Seed);
    }

    /// <summary>The logits of a row.</summary>
    public int VocabularySize => vocabularySize;

    /// <summary>The seed in use: the one asked for, or the one taken instead.</summary>
    public ulong Seed { get; }

    /// <summary>
    /// The most probable tokens of the last row under the model's own distribution, most probable first, lower ids first among equals;
    /// overwritten by the next <see cref="Sample"/>.
    /// </summary>
    public ReadOnlySpan<TokenLogProbability> TopLogProbabilities => top.AsSpan(0, topCount);

    /// <summary>Records the prompt, which the repetition penalty looks at and the presence and frequency penalties do not.</summary>
    public void AcceptPrompt(ReadOnlySpan<int> tokens)
    {
        if (history is null) return;
        foreach (int token in tokens) history.Add(token, generated: false);
    }

    /// <summary>Whether the grammar lets nothing follow.</summary>
    public bool MustEnd => grammar is { MustEnd: true };

    /// <summary>Records a generated token.</summary>
    public void Accept(int token)
    {
        history?.Add(token, generated: true);
        grammar?.Accept(token);
    }

    /// <summary>
    /// Chooses a token. The row (logits: [V] f32) may hold negative infinity where a mask forbids a token; it is changed while this runs and
    /// put back before it returns. Every call at a temperature above 0 that finds a token takes exactly one random number.
    /// </summary>
    /// <exception cref="CaravanException">The grammar is too ambiguous here.</exception>
    public SampledToken Sample(Span<float> logits)
    {
        if (logits.Length != vocabularySize)
            throw new ArgumentException($"A row of {logits.Length} logits does not fit a vocabulary of {vocabularySize}.", nameof(logits));
        topCount = 0;
        float largest = LogitMath.Max(logits);
        SamplingFault fault = FaultOf(largest);
        if (fault != SamplingFault.None) return SampledToken.Failed(fault);

        double logNormalizer = largest + Math.Log(LogitMath.SumExp(logits, largest));
        if (best.Length > 0) FindTop(logits, logNormalizer);
        int id = grammar is null ? Choose(logits, largest) : ChooseAllowed(logits, grammar);
        return id < 0
            ? SampledToken.Failed(grammar is null ? SamplingFault.NothingAllowed : grammar.CanEnd ? SamplingFault.GrammarEnded : SamplingFault.GrammarStuck)
            : new SampledToken(id, (float)(logits[id] - logNormalizer), SamplingFault.None);
    }

    private static SamplingFault FaultOf(float largest) => largest switch
    {
        float.NaN => SamplingFault.NotANumber,
        float.PositiveInfinity => SamplingFault.PositiveInfinity,
        float.NegativeInfinity => SamplingFault.NothingAllowed,
        _ => SamplingFault.None,
    };

    private int ChooseAllowed(ReadOnlySpan<float> logits, GrammarCursor grammar)
    {
        grammar.Mask(logits, allowed);
        return Choose(allowed, LogitMath.Max(allowed));
    }

    private int Choose(Span<float> logits, float largest)
    {
        if (!bias.Any && history is null) return Draw(logits, largest);

        // Bias first, as transformers' sequence bias, vLLM and llama.cpp all have it: a penalty then acts on the biased logit.
        bias.Apply(logits);
        if (history is not null) penalties.Apply(logits, history.Counts);
        int id = Draw(logits, LogitMath.Max(logits));
        if (history is not null) penalties.Undo(logits, history.Counts);
        bias.Undo(logits);
        return id;
    }

    private int Draw(ReadOnlySpan<float> logits, float largest)
    {
        if (float.IsNegativeInfinity(largest)) return -1;
        if (candidates is null) return LogitMath.NextAbove(logits, 0, MathF.BitDecrement(largest));

        topK.Load(logits, candidates);
        candidates.Weigh(largest, temperature);
        topP.Apply(candidates);
        minP.Apply(candidates);
        typicalP.Apply(candidates, largest, temperature);
        ReadOnlySpan<float> weights = candidates.Weights;
        return candidates.Ids[LogitMath.Draw(weights, random.NextDouble() * LogitMath.Sum(weights))];
    }

    private void FindTop(ReadOnlySpan<float> logits, double logNormalizer)
    {
        topCount = Selection.Best(logits, this.best);
        Span<Candidate> best = this.best.AsSpan(0, topCount);
        best.Sort();
        for (int i = 0; i < best.Length; i++) top[i] = new TokenLogProbability(best[i].Id, (float)(best[i].Key - logNormalizer));
    }
}
