using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>y = x·Wᵀ + s · x·Aᵀ·Bᵀ (Hu et al. 2021, "LoRA", eq. 3); s is α/r, or α/√r where ranks are stabilised (Kalajdzievski 2023, rsLoRA).</summary>
/// <param name="a">[r, K] F32, named <c>lora_A.weight</c>.</param>
/// <param name="b">[O, r] F32, named <c>lora_B.weight</c>.</param>
/// <param name="scaling">s.</param>
internal sealed class LoraAdapter(Tensor a, Tensor b, float scaling) : LinearAdapter
{
    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Parameters { get; } = [a, b];

    /// <summary>s.</summary>
    public float Scaling => scaling;

    /// <inheritdoc/>
    public override Tensor Forward(Pass pass, Tensor x, Tensor product, LinearWeights layer)
    {
        Tensor inner = Scale.Forward(pass, Linear.Forward(pass, x, a), scaling);
        return WithBias(pass, Add.Forward(pass, product, Linear.Forward(pass, inner, b)), layer);
    }

    /// <inheritdoc/>
    public override void RequireFits(LinearWeights layer, string name, string adapter)
    {
        if (a.Shape.Columns != layer.Weight.Shape.Columns || b.Shape[0] != layer.Weight.Shape[0] || a.Shape[0] != b.Shape.Columns)
            throw new CaravanException($"The adapter '{adapter}' has {a.Shape} and {b.Shape} for '{name}', whose weight is {layer.Weight.Shape}; it was made for another model.");
    }

    /// <inheritdoc/>
    public override void Merge(Tensor weight) => LowRank.AddTo(weight, a, b, scaling);
}
