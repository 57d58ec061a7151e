namespace Caravan.Inference;

/// <summary>Top-k sampling (Fan, Lewis, Dauphin 2018): only the <paramref name="size"/> largest logits remain; 0 keeps all.</summary>
internal readonly struct TopK(int size)
{
    /// <summary>Loads the candidates of a row. The order of logits and of probabilities is the same, so no weights are needed yet.</summary>
    public void Load(ReadOnlySpan<float> row, CandidateSet candidates)
    {
        if (size == 0 || size >= row.Length) candidates.Load(row);
        else candidates.LoadTop(row, size);
    }
}
