namespace Caravan.Inference;

/// <summary>Adds the user's biases to the logits of chosen tokens and takes them back out.</summary>
internal sealed class LogitBias
{
    private readonly (int Token, float Bias, float Saved)[] entries;

    /// <summary>Reads the biases; a token outside the vocabulary is the user's mistake.</summary>
    public LogitBias(IReadOnlyDictionary<int, float>? biases, int vocabularySize)
    {
        entries = [.. (biases ?? new Dictionary<int, float>()).Select(pair => (pair.Key, pair.Value, 0f))];
        foreach ((int token, _, _) in entries)
        {
            if (token >= vocabularySize)
            {
                throw new CaravanException($"The sampling option LogitBias names token {token}, but the model's vocabulary ends at "
                    + $"{vocabularySize - 1}; take token ids from the model's own tokenizer.");
            }
        }
    }

    /// <summary>Whether there is any bias to add.</summary>
    public bool Any => entries.Length > 0;

    /// <summary>Adds the biases, staying finite where both logit and bias are.</summary>
    public void Apply(Span<float> logits)
    {
        foreach (ref (int Token, float Bias, float Saved) entry in entries.AsSpan())
        {
            ref float logit = ref logits[entry.Token];
            entry.Saved = logit;
            logit += entry.Bias;
            if (float.IsFinite(entry.Saved) && float.IsFinite(entry.Bias)) logit = Math.Clamp(logit, float.MinValue, float.MaxValue);
        }
    }

    /// <summary>Puts the logits back as <see cref="Apply"/> found them.</summary>
    public void Undo(Span<float> logits)
    {
        foreach ((int token, _, float saved) in entries) logits[token] = saved;
    }
}
