namespace Caravan.Training;

/// <summary>
/// Self-play fine-tuning (Chen et al. 2024, eq. 4.7) with the logistic loss: DPO's formula, where the chosen response is a person's, the rejected
/// one was written by the model of the iteration before, and that model is the reference. β is the paper's λ.
/// </summary>
internal sealed record SpinLoss : DpoLoss;
