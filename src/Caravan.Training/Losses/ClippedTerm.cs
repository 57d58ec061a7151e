namespace Caravan.Training;

/// <summary>PPO's surrogate of one token.</summary>
/// <param name="Loss">−min(ρ·A, clip(ρ)·A).</param>
/// <param name="Slope">∂loss/∂log π.</param>
/// <param name="Clipped">Whether the clipped side was the smaller one.</param>
internal readonly record struct ClippedTerm(double Loss, double Slope, bool Clipped)
{
    /// <summary>The surrogate.</summary>
    /// <param name="policy">log π of the token.</param>
    /// <param name="old">log π of the policy that drew it.</param>
    /// <param name="advantage">A.</param>
    /// <param name="clipRange">How far ρ may leave 1.</param>
    public static ClippedTerm Of(double policy, double old, double advantage, double clipRange)
    {
        double ratio = Math.Exp(policy - old);
        double free = -ratio * advantage, clipped = -Math.Clamp(ratio, 1 - clipRange, 1 + clipRange) * advantage;
        return clipped > free ? new ClippedTerm(clipped, 0, true) : new ClippedTerm(free, free, false);
    }
}
