namespace Caravan.Training;

/// <summary>A loss over a batch of pairs.</summary>
/// <param name="Losses">The loss of each pair.</param>
/// <param name="ChosenGradient">∂<see cref="Loss"/>/∂ what the policy gave each chosen response (a summed log-probability, or a score).</param>
/// <param name="RejectedGradient">The same of the rejected responses.</param>
/// <param name="ChosenRewards">The reward of each chosen response that the loss implies.</param>
/// <param name="RejectedRewards">The same of the rejected responses.</param>
internal sealed record PairLossResult(
    double[] Losses, double[] ChosenGradient, double[] RejectedGradient, double[] ChosenRewards, double[] RejectedRewards)
{
    /// <summary>The mean loss.</summary>
    public double Loss => Losses.Average();

    /// <summary>The share of pairs whose chosen response has the larger reward.</summary>
    public double Accuracy => ChosenRewards.Zip(RejectedRewards).Average(pair => pair.First > pair.Second ? 1 : 0);

    /// <summary>How much larger the rewards of chosen responses are, on average.</summary>
    public double Margin => ChosenRewards.Average() - RejectedRewards.Average();
}
