namespace Caravan.Training;

/// <summary>The hinge in place of DPO's logistic loss (Zhao et al. 2023, "SLiC-HF", the calibration loss over ratios): max(0, 1 − β·h).</summary>
internal sealed record HingeLoss : PairLoss
{
    /// <inheritdoc/>
    protected override PairTerm Of(ResponsePair pair)
    {
        double z = Beta * pair.RatioMargin;
        return z < 1 ? new PairTerm(1 - z, -Beta, Beta) : default;
    }
}
