namespace Caravan.Training;

/// <summary>
/// The price of leaving the reference model, moved until the divergence is what was asked for (Ziegler et al. 2019, section 2.2):
/// e = clip(KL/target − 1, −0.2, 0.2), coefficient ← coefficient·(1 + gain·e).
/// </summary>
/// <param name="initial">The first coefficient.</param>
/// <param name="target">The wanted KL(π ‖ π_ref) of a response in nats; null keeps the coefficient.</param>
/// <param name="gain">How soon the coefficient moves; 0.1 in the paper.</param>
internal sealed class AdaptiveKlController(double initial, double? target = null, double gain = 0.1)
{
    /// <summary>The coefficient; set when a run is resumed.</summary>
    public double Coefficient { get; set; } = initial;

    /// <summary>Moves the coefficient after a batch.</summary>
    /// <param name="divergence">The batch's mean KL of a response in nats.</param>
    public void Update(double divergence)
    {
        if (target is { } wanted) Coefficient *= 1 + (gain * Math.Clamp((divergence / wanted) - 1, -0.2, 0.2));
    }
}
