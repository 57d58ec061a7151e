using Caravan.Models;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Training;

/// <summary>
/// Keeps what is learnt orthogonal to what other adapters learnt before: λ · Σ ‖A_before · Aᵀ‖² over layers and earlier adapters
/// (Wang et al. 2023, "Orthogonal Subspace Learning for Language Model Continual Learning", eq. 7-8).
/// </summary>
/// <param name="adapter">What is learnt; stays the caller's.</param>
/// <param name="earlier">What was learnt before; stay the caller's.</param>
/// <param name="weight">λ.</param>
internal sealed class OLoraPolicy(Adapter adapter, IReadOnlyList<Adapter> earlier, double weight) : AdapterPolicy
{
    /// <inheritdoc/>
    public override Tensor? Penalty(Pass pass)
    {
        Tensor? sum = null;
        foreach ((string name, LinearAdapter linear) in adapter.Linears)
        {
            if (linear is not LoraAdapter layer) continue;
            foreach (Adapter before in earlier)
            {
                if (before.Linears.GetValueOrDefault(name) is not LoraAdapter other) continue;
                Tensor overlap = Overlap(pass, layer.Down, other.Down);
                sum = sum is null ? overlap : Add.Forward(pass, sum, overlap);
            }
        }

        return sum;
    }

    /// <summary>λ‖A'·Aᵀ‖², whose gradient is 2λ · A·A'ᵀ·A'.</summary>
    private Tensor Overlap(Pass pass, Tensor a, Tensor before)
    {
        int columns = checked((int)a.Shape.Columns);
        float[] gradient = new float[a.Shape.Elements];
        double value = 0;
        for (int i = 0; i < a.Shape[0]; i++)
        {
            ReadOnlySpan<float> row = a.Floats.AsSpan((long)i * columns, columns);
            for (int j = 0; j < before.Shape[0]; j++)
            {
                ReadOnlySpan<float> other = before.Floats.AsSpan((long)j * columns, columns);
                double product = 0;
                for (int k = 0; k < columns; k++) product += (double)row[k] * other[k];
                value += weight * product * product;
                for (int k = 0; k < columns; k++) gradient[(i * columns) + k] += (float)(2 * weight * product * other[k]);
            }
        }

        return Objective.Forward(pass, a, value, gradient);
    }
}
