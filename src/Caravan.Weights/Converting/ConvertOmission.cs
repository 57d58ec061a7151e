namespace Caravan.Weights;

/// <summary>Something of the source that is not in the target.</summary>
/// <param name="What">Such as <c>tensor 'lm_head.weight'</c> or <c>configuration key 'rope_scaling'</c>.</param>
/// <param name="Why">Half a sentence, such as "the head shares the embedding's matrix".</param>
public sealed record ConvertOmission(string What, string Why)
{
    /// <summary>Both, as people read it.</summary>
    public override string ToString() => $"{What}: {Why}";
}
