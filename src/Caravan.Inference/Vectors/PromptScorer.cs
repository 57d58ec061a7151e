using Caravan.Models;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Inference;

/// <summary>How probable a text that is already there is to a model, token by token.</summary>
internal static class PromptScorer
{
    /// <summary>Rows whose logits are computed at a time: a row has as many as the vocabulary.</summary>
    private const int Rows = 32;

    /// <summary>The log-probabilities of a text's tokens, each after those before it; computed between two steps of the engine.</summary>
    /// <param name="loop">The engine of a model that continues texts.</param>
    /// <param name="tokens">At least one, no more than the context holds.</param>
    /// <param name="alternatives">How many of the most probable tokens are told for each place; 0 for none.</param>
    /// <param name="adapter">The name of the adapter that the text passes through; null for none.</param>
    /// <returns>For each token but the first.</returns>
    /// <exception cref="CaravanException">The model answers a text instead of continuing it, or the adapter puts tokens before it.</exception>
    public static Task<ScoredToken[]> ScoreAsync(EngineLoop loop, int[] tokens, int alternatives, string? adapter = null)
    {
        int slot = loop.Engine.Model.SlotOf(adapter);
        if (loop.Engine.Model.Adapters.VirtualTokensOf(slot).Any())
            throw new CaravanException($"The adapter '{adapter}' puts virtual tokens before a text, and the text's own are not scored behind them; score it with the model alone.");
        Decoder decoder = loop.Engine.Model.Decoder;
        int vocabulary = decoder.Spec.VocabularySize;
        foreach (int token in tokens)
            if ((uint)token >= (uint)vocabulary) throw new CaravanException($"The prompt holds the token {token}; the model knows 0 to {vocabulary - 1}.");
        if (tokens.Length > loop.Engine.ContextLength)
            throw new PromptTooLongException($"The prompt has {tokens.Length} tokens, but the context holds {loop.Engine.ContextLength}; shorten it or use a longer context.");
        return tokens.Length < 2 ? Task.FromResult<ScoredToken[]>([]) : loop.Between(pass => Score(pass, decoder, slot, tokens, alternatives));
    }

    private static ScoredToken[] Score(Pass pass, Decoder decoder, int adapter, int[] tokens, int alternatives)
    {
        Batch batch = new() { Adapter = adapter };
        batch.AddSequence(tokens.AsSpan(0, tokens.Length - 1), LogitRows.None);
        Tensor rows = decoder.Rows(pass, batch);
        ScoredToken[] scored = new ScoredToken[tokens.Length - 1];
        Candidate[] best = new Candidate[Math.Min(alternatives, decoder.Spec.VocabularySize)];
        for (int start = 0; start < scored.Length; start += Rows)
        {
            Workspace.Mark mark = pass.Workspace.Here();
            int[] places = [.. Enumerable.Range(start, Math.Min(Rows, scored.Length - start))];
            Tensor logits = decoder.LogitsOf(pass, Embedding.Forward(pass, rows, places), batch);
            int vocabulary = (int)logits.Shape.Columns;
            for (int i = 0; i < places.Length; i++)
                scored[start + i] = Score(logits.Floats.AsSpan((long)i * vocabulary, vocabulary), tokens[start + i + 1], best);
            pass.Workspace.Release(mark);
        }

        return scored;
    }

    private static ScoredToken Score(ReadOnlySpan<float> logits, int token, Candidate[] best)
    {
        float largest = LogitMath.Max(logits);
        if (!float.IsFinite(largest)) throw new CaravanException("The model computed logits that are no numbers for this prompt.");
        float total = (float)(largest + Math.Log(LogitMath.SumExp(logits, largest)));
        int found = best.Length == 0 ? 0 : Selection.Best(logits, best);
        TokenLogProbability[] alternatives =
            [.. best.Take(found).OrderByDescending(candidate => candidate.Key).ThenBy(candidate => candidate.Id).Select(candidate => new TokenLogProbability(candidate.Id, (float)candidate.Key - total))];
        return new ScoredToken(token, logits[token] - total, alternatives);
    }
}
