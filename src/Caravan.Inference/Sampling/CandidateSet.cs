namespace Caravan.Inference;

/// <summary>
/// The tokens that may still be chosen: ids, logits and weights in arrays allocated once. Ids stay ascending through every step, so the draw
/// walks the tokens in an order that rounding noise in the logits cannot change. One set serves any number of samplers in turn.
/// </summary>
internal sealed class CandidateSet(int vocabularySize)
{
    private readonly int[] _ids = new int[vocabularySize];
    private readonly float[] _logits = new float[vocabularySize];
    private readonly float[] _weights = new float[vocabularySize];
    private readonly Candidate[] _ranking = new Candidate[vocabularySize];
    private int _count;

    /// <summary>The largest row this set can hold.</summary>
    public int Capacity => _ids.Length;

    /// <summary>The remaining ids, ascending.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count);

    /// <summary>The remaining tokens' logits.</summary>
    public ReadOnlySpan<float> Logits => _logits.AsSpan(0, _count);

    /// <summary>The remaining tokens' probabilities times a common factor: exp((logit - largest) / temperature), so the largest is 1.</summary>
    public ReadOnlySpan<float> Weights => _weights.AsSpan(0, _count);

    /// <summary>Takes in a whole row.</summary>
    public void Load(ReadOnlySpan<float> row)
    {
        _count = row.Length;
        for (int id = 0; id < row.Length; id++) _ids[id] = id;
        row.CopyTo(_logits);
    }

    /// <summary>Takes in the <paramref name="size"/> largest values of a row, the lower ids among equals.</summary>
    public void LoadTop(ReadOnlySpan<float> row, int size)
    {
        Span<Candidate> heap = _ranking.AsSpan(0, Math.Min(size, row.Length));
        int found = Selection.Best(row, heap);
        Candidate worst = found == 0 ? default : heap[0];
        float justBelow = MathF.BitDecrement((float)worst.Key);
        _count = 0;
        for (int id = LogitMath.NextAbove(row, 0, justBelow); _count < found; id = LogitMath.NextAbove(row, id + 1, justBelow))
        {
            if (row[id] == worst.Key && id > worst.Id) continue;
            _ids[_count] = id;
            _logits[_count++] = row[id];
        }
    }

    /// <summary>Computes the weights at a temperature above 0; <paramref name="largest"/> is the largest logit.</summary>
    public void Weigh(float largest, float temperature) => LogitMath.Exp(Logits, _weights, largest, temperature);

    /// <summary>Keeps the tokens with at least this weight.</summary>
    public void KeepWeight(float least)
    {
        float justBelow = MathF.BitDecrement(least);
        int kept = 0;
        for (int i = LogitMath.NextAbove(Weights, 0, justBelow); i < _count; i = LogitMath.NextAbove(Weights, i + 1, justBelow)) Keep(i, kept++);
        _count = kept;
    }

    /// <summary>
    /// Keeps the smallest leading part of a ranking that holds <paramref name="mass"/> of weight. The caller knows that tokens of at most
    /// <paramref name="negligible"/> weight lie beyond that part, so they are dropped unranked.
    /// </summary>
    public void KeepMass<TRanking>(TRanking ranking, double mass, float negligible)
        where TRanking : struct, IRanking
    {
        int kept = 0;
        for (int i = LogitMath.NextAbove(Weights, 0, negligible); i < _count; i = LogitMath.NextAbove(Weights, i + 1, negligible))
        {
            Keep(i, kept);
            _ranking[kept] = new Candidate(ranking.Key(_logits[kept]), _ids[kept], _weights[kept]);
            kept++;
        }

        _count = kept;
        if (Selection.LastOfMass(_ranking.AsSpan(0, kept), mass) is not { } last) return;

        kept = 0;
        for (int i = 0; i < _count; i++)
        {
            Candidate candidate = new(ranking.Key(_logits[i]), _ids[i], 0);
            Keep(i, kept);
            if (!last.Before(candidate)) kept++;
        }

        _count = kept;
    }

    private void Keep(int from, int to)
    {
        _ids[to] = _ids[from];
        _logits[to] = _logits[from];
        _weights[to] = _weights[from];
    }
}
