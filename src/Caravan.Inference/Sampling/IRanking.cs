namespace Caravan.Inference;

/// <summary>An order of preference among tokens that depends on the logit alone.</summary>
internal interface IRanking
{
    /// <summary>The token's key; greater keys are preferred.</summary>
    double Key(float logit);
}
