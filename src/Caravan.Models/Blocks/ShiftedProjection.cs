using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>A linear layer of a mixture of each row and the row before it, feature by feature: the shares are those of the tensor that comes first.</summary>
internal sealed class ShiftedProjection(WeightReader weights, string block, string name, int outputs, int inputs)
{
    private readonly Tensor mix = weights.Vector($"{block}.{name}_mix", inputs);
    private readonly Projection projection = new(weights, $"{block}.{name}", outputs, inputs, hasBias: false);

    public Tensor Forward(Pass pass, Tensor shared, Tensor other) => projection.Forward(pass, Interpolate.Forward(pass, shared, other, mix));
}
