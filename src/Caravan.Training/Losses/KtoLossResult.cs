namespace Caravan.Training;

/// <summary>KTO's loss over a batch of labelled responses.</summary>
/// <param name="Losses">The loss of each response.</param>
/// <param name="Gradient">∂<see cref="Loss"/>/∂ the policy's summed log-probability of each response.</param>
/// <param name="Rewards">β·log π/π_ref of each response.</param>
internal sealed record KtoLossResult(double[] Losses, double[] Gradient, double[] Rewards)
{
    /// <summary>The mean loss.</summary>
    public double Loss => Losses.Average();
}
