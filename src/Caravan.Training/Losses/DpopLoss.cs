namespace Caravan.Training;

/// <summary>
/// DPO-positive (Pal et al. 2024, "Smaug", the DPOP loss): −log σ(β·(h − λ·max(0, log π_ref/π(chosen)))), which also keeps chosen responses from
/// becoming less likely.
/// </summary>
internal sealed record DpopLoss : PairLoss
{
    [Setting("How much (λ) a chosen response that becomes less likely than the reference's weighs; 0 is DPO.", Least = 0)]
    public double Lambda { get; init; } = 50;

    /// <inheritdoc/>
    protected override PairTerm Of(ResponsePair pair)
    {
        double fall = Math.Max(0, -pair.ChosenRatio);
        return PairTerm.LogisticOf(Beta * (pair.RatioMargin - (Lambda * fall)), Beta * (fall > 0 ? 1 + Lambda : 1), -Beta);
    }
}
