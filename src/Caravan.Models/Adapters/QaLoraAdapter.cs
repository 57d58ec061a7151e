using System.Buffers.Binary;
using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// LoRA in which all inputs of a group share one column of A: y = x·Wᵀ + s · (sums of x over groups)·Aᵀ·Bᵀ (Xu et al. 2023, "QA-LoRA", alg. 1).
/// What is added to the weight is then one number for each output and group, which block types with a minimum take without rounding a code anew
/// (eq. 4: the zero points move).
/// </summary>
/// <param name="a">[r, L] F32 for L groups of neighbouring inputs.</param>
/// <param name="b">[O, r] F32.</param>
/// <param name="scaling">s.</param>
/// <param name="group">Inputs of a group: K/L.</param>
internal sealed class QaLoraAdapter(Tensor a, Tensor b, float scaling, int group) : LoraAdapter(a, b, scaling)
{
    /// <summary>Inputs of a group.</summary>
    public int Group => group;

    /// <inheritdoc/>
    public override void RequireFits(LinearWeights layer, string name, string adapter)
    {
        long columns = layer.Weight.Shape.Columns;
        if (columns % group != 0) throw new CaravanException($"The adapter '{adapter}' takes the inputs of '{name}' in groups of {group}, but there are {columns}; choose another size.");
        RequireFits(layer, name, adapter, columns / group);
    }

    /// <summary>Q4_1 and Q5_1 keep a minimum in half precision for 32 inputs: where groups are as wide or wider, the minima move and the codes stay.</summary>
    public override Tensor? MergeBlocks(Tensor weight)
    {
        const int MinimumAt = 2;
        if (weight.DType is not (DType.Q4_1 or DType.Q5_1) || group % weight.DType.BlockElements() != 0) return null;
        int block = weight.DType.BlockElements(), blockBytes = weight.DType.BlockBytes(), blocks = checked((int)(weight.Shape.Columns / block));
        Tensor merged = Tensor.Allocate(weight.Shape, weight.DType, weight.Name);
        weight.Bytes.CopyTo(merged.Bytes);
        double[] row = new double[weight.Shape.Columns / group];
        for (long output = 0; output < weight.Shape[0]; output++)
        {
            LowRank.Row(Down, Up, Scaling, null, output, row);
            for (int i = 0; i < blocks; i++)
            {
                Span<byte> minimum = merged.Bytes.AsSpan((((output * blocks) + i) * blockBytes) + MinimumAt, sizeof(ushort));
                double moved = (double)BinaryPrimitives.ReadHalfLittleEndian(minimum) + row[(long)i * block / group];
                BinaryPrimitives.WriteHalfLittleEndian(minimum, (Half)moved);
            }
        }

        return merged;
    }

    /// <inheritdoc/>
    protected override Tensor DownOf(Pass pass) => RepeatColumns.Forward(pass, Down, group);
}
