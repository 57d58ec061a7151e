using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>What an adapter does to one linear layer whose own weights stay as they are.</summary>
internal abstract class LinearAdapter : IDisposable
{
    /// <summary>What it has learnt, under names that are unique in the layer, such as <c>lora_A.weight</c>.</summary>
    public abstract IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>What the adapted layer gives.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, K] F32.</param>
    /// <param name="product">[N, O] F32: x times the layer's own weight, without its bias.</param>
    /// <param name="layer">The layer's own weights.</param>
    /// <returns>[N, O] F32, with the bias.</returns>
    public abstract Tensor Forward(Pass pass, Tensor x, Tensor product, LinearWeights layer);

    /// <summary>Adds to a copy of the layer's weight, [O, K] F32, what the adapter makes of it: then the layer computes the same without the adapter.</summary>
    /// <param name="weight">The layer's weight, changed in place.</param>
    public abstract void Merge(Tensor weight);

    /// <summary>Refuses a layer of another size.</summary>
    /// <exception cref="CaravanException">The sizes differ.</exception>
    public abstract void RequireFits(LinearWeights layer, string name, string adapter);

    /// <summary>Frees what it has learnt.</summary>
    public virtual void Dispose()
    {
        foreach (Tensor parameter in Parameters) parameter.Dispose();
    }

    /// <summary>The product with the layer's bias, where it has one.</summary>
    protected static Tensor WithBias(Pass pass, Tensor product, LinearWeights layer) =>
        layer.Bias is null ? product : AddBias.Forward(pass, product, layer.Bias);
}
