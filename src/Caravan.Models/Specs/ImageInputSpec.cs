using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>How a decoder sees images (Liu et al. 2023, "Improved Baselines with Visual Instruction Tuning"): rows of a tower, projected to the decoder's features, take the place of tokens.</summary>
/// <param name="Tower">What turns images into rows.</param>
/// <param name="TowerLayers">After how many of its layers they are taken.</param>
/// <param name="KeepsFirst">Whether the row that stands for all of an image is one of them.</param>
/// <param name="Activation">The function between the two projections.</param>
/// <param name="ProjectionBias">Whether these have biases.</param>
/// <param name="Token">The token whose place they take.</param>
internal sealed record ImageInputSpec(VisionSpec Tower, int TowerLayers, bool KeepsFirst, ActivationFunction Activation, bool ProjectionBias, int Token)
{
    /// <summary>Rows of an image.</summary>
    public int Rows => Tower.Patches + (KeepsFirst ? 1 : 0);
}
