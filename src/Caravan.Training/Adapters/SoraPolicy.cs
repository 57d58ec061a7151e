using Caravan.Models;

namespace Caravan.Training;

/// <summary>
/// Closes directions that earn little: after each step gates move towards 0 by rate · λ and stay there once they reach it, the proximal step of
/// an L1 penalty (Ding et al. 2023, "Sparse Low-rank Adaptation of Pre-trained Language Models", eq. 7-8).
/// </summary>
/// <param name="adapter">What is learnt; stays the caller's.</param>
/// <param name="sparsity">λ; 0 closes nothing.</param>
internal sealed class SoraPolicy(Adapter adapter, double sparsity) : AdapterPolicy
{
    /// <inheritdoc/>
    public override void AfterStep(int step, double rate)
    {
        float threshold = (float)(rate * sparsity);
        foreach (LoraAdapter layer in adapter.Linears.Values.OfType<LoraAdapter>())
        {
            if (layer.Gate is not { } gate) continue;
            foreach (ref float value in gate.Floats.AsSpan()) value = MathF.CopySign(MathF.Max(MathF.Abs(value) - threshold, 0), value);
        }
    }
}
