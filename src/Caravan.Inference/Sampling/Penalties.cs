namespace Caravan.Inference;

/// <summary>
/// The repetition penalty (CTRL, Keskar et al. 2019), on prompt and generated tokens as in transformers, then OpenAI's presence and frequency
/// penalties, on generated tokens as in OpenAI's API and vLLM: l' = l - count * frequency - (count > 0 ? presence : 0).
/// </summary>
internal readonly struct Penalties(float repetition, float presence, float frequency)
{
    /// <summary>Whether any penalty differs from its neutral value.</summary>
    public bool Any => repetition != 1 || presence != 0 || frequency != 0;

    /// <summary>Penalises the counted tokens, leaving finite logits finite.</summary>
    public void Apply(Span<float> logits, Span<TokenCount> counts)
    {
        foreach (ref TokenCount count in counts)
        {
            ref float logit = ref logits[count.Token];
            count.Saved = logit;
            if (!float.IsFinite(logit)) continue;
            float penalised = logit < 0 ? logit * repetition : logit / repetition;
            if (count.Generated > 0) penalised -= count.Generated * frequency + presence;
            logit = Math.Clamp(penalised, float.MinValue, float.MaxValue);
        }
    }

    /// <summary>Puts the logits back as <see cref="Apply"/> found them.</summary>
    public void Undo(Span<float> logits, ReadOnlySpan<TokenCount> counts)
    {
        foreach (ref readonly TokenCount count in counts) logits[count.Token] = count.Saved;
    }
}
