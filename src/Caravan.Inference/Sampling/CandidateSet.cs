namespace Caravan.Inference;

/// <summary>
/// The tokens that may still be chosen: ids, logits and weights in arrays allocated once. Ids stay ascending through every step, so the draw
/// walks the tokens in an order that rounding noise in the logits cannot change. One set serves any number of samplers in turn.
/// </summary>
internal sealed class CandidateSet(int vocabularySize)
{
    private readonly int[] ids = new int[vocabularySize];
    private readonly float[] logits = new float[vocabularySize];
    private readonly float[] weights = new float[vocabularySize];
    private readonly Candidate[] ranking = new Candidate[vocabularySize];
    private int count;

    /// <summary>The largest row this set can hold.</summary>
    public int Capacity => ids.Length;

    /// <summary>The remaining ids, ascending.</summary>
    public ReadOnlySpan<int> Ids => ids.AsSpan(0, count);

    /// <summary>The remaining tokens' logits.</summary>
    public ReadOnlySpan<float> Logits => logits.AsSpan(0, count);

    /// <summary>The remaining tokens' probabilities times a common factor: exp((logit - largest) / temperature), so the largest is 1.</summary>
    public ReadOnlySpan<float> Weights => weights.AsSpan(0, count);

    /// <summary>Takes in a whole row.</summary>
    public void Load(ReadOnlySpan<float> row)
    {
        count = row.Length;
        for (int id = 0; id < row.Length; id++) ids[id] = id;
        row.CopyTo(logits);
    }

    /// <summary>Takes in the <paramref name="size"/> largest values of a row, the lower ids among equals.</summary>
    public void LoadTop(ReadOnlySpan<float> row, int size)
    {
        Span<Candidate> heap = ranking.AsSpan(0, Math.Min(size, row.Length));
        int found = Selection.Best(row, heap);
        Candidate worst = found == 0 ? default : heap[0];
        float justBelow = MathF.BitDecrement((float)worst.Key);
        count = 0;
        for (int id = LogitMath.NextAbove(row, 0, justBelow); count < found; id = LogitMath.NextAbove(row, id + 1, justBelow))
        {
            if (row[id] == worst.Key && id > worst.Id) continue;
            ids[count] = id;
            logits[count++] = row[id];
        }
    }

    /// <summary>Computes the weights at a temperature above 0; <paramref name="largest"/> is the largest logit.</summary>
    public void Weigh(float largest, float temperature) => LogitMath.Exp(Logits, weights, largest, temperature);

    /// <summary>Keeps the tokens with at least this weight.</summary>
    public void KeepWeight(float least)
    {
        float justBelow = MathF.BitDecrement(least);
        int kept = 0;
        for (int i = LogitMath.NextAbove(Weights, 0, justBelow); i < count; i = LogitMath.NextAbove(Weights, i + 1, justBelow)) Keep(i, kept++);
        count = kept;
    }

    /// <summary>
    /// Keeps the smallest leading part of a ranking that holds <paramref name="mass"/> of weight. The caller knows that tokens of at most
    /// <paramref name="negligible"/> weight lie beyond that part, so they are dropped unranked.
    /// </summary>
    public void KeepMass<TRanking>(TRanking ranking, double mass, float negligible)
        where TRanking : struct, IRanking
    {
        int kept = 0;
        for (int i = LogitMath.NextAbove(Weights, 0, negligible); i < count; i = LogitMath.NextAbove(Weights, i + 1, negligible))
        {
            Keep(i, kept);
            this.ranking[kept] = new Candidate(ranking.Key(logits[kept]), ids[kept], weights[kept]);
            kept++;
        }

        count = kept;
        if (Selection.LastOfMass(this.ranking.AsSpan(0, kept), mass) is not { } last) return;

        kept = 0;
        for (int i = 0; i < count; i++)
        {
            Candidate candidate = new(ranking.Key(logits[i]), ids[i], 0);
            Keep(i, kept);
            if (!last.Before(candidate)) kept++;
        }

        count = kept;
    }

    private void Keep(int from, int to)
    {
        ids[to] = ids[from];
        logits[to] = logits[from];
        weights[to] = weights[from];
    }
}
