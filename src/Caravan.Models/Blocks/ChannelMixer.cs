using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>The second half of a layer: the features of each row meet each other.</summary>
internal abstract class ChannelMixer
{
    /// <summary>What is added to the residual stream.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32, normalised.</param>
    /// <param name="context">Where rows belong and what is kept of their sequences.</param>
    /// <returns>[N, D] F32.</returns>
    public abstract Tensor Forward(Pass pass, Tensor x, in ForwardContext context);
}
