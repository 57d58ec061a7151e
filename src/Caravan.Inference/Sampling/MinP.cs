namespace Caravan.Inference;

/// <summary>
/// Min-p sampling (Nguyen et al. 2024): only tokens at least <paramref name="share"/> times as probable as the most probable one remain;
/// 0 keeps all.
/// </summary>
internal readonly struct MinP(float share)
{
    /// <summary>Removes the less probable tokens. The most probable token has weight 1, so weights compare with the share directly.</summary>
    public void Apply(CandidateSet candidates)
    {
        if (share > 0) candidates.KeepWeight(share);
    }
}
