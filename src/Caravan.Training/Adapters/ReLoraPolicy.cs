using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// Learns a sum of many low-rank updates: every so often what was learnt is merged into the frozen weights and the adapter begins anew, while the optimizer
/// forgets most of what it remembers (Lialin et al. 2023, "ReLoRA: High-Rank Training Through Low-Rank Updates", alg. 1). The schedule that warms up
/// after each restart is chosen beside it.
/// </summary>
internal sealed class ReLoraPolicy : AdapterPolicy
{
    private readonly Model model;
    private readonly Adapter adapter;
    private readonly Optimizer optimizer;
    private readonly int every;
    private readonly double forgotten;
    private readonly ulong seed;

    /// <summary>A policy for an adapter over weights that were loaded to be changed.</summary>
    /// <param name="model">Whose weights change; stays the caller's.</param>
    /// <param name="adapter">What is learnt; stays the caller's.</param>
    /// <param name="optimizer">What forgets; stays the caller's.</param>
    /// <param name="every">Steps between restarts; at least 1.</param>
    /// <param name="forgotten">The part of the optimizer's numbers, those nearest to 0, that becomes 0; in [0, 1].</param>
    /// <param name="seed">Of the directions that each restart begins with.</param>
    /// <exception cref="CaravanException">The weights are mapped and cannot change, or the optimizer keeps numbers that cannot be pruned.</exception>
    public ReLoraPolicy(Model model, Adapter adapter, Optimizer optimizer, int every, double forgotten, ulong seed)
    {
        (this.model, this.adapter, this.optimizer, this.every, this.forgotten, this.seed) = (model, adapter, optimizer, every, forgotten, seed);
        if (Layers.FirstOrDefault(layer => layer.Weights.Weight.DType != DType.F32 || !model.Reader.Trainable).Weights.Weight is { } fixedWeight)
            throw new CaravanException($"'{model.Path}' keeps {fixedWeight} as it is on disk, and ReLoRA merges what it learns into it; load the model to be trained, in F32.");
        if (optimizer.State.FirstOrDefault(state => state.Values.DType != DType.F32).Name is { } name)
            throw new CaravanException($"ReLoRA prunes what the optimizer remembers, and '{name}' is kept in codes; take an optimizer in F32 such as AdamW.");
    }

    /// <summary>The frozen weights, which restarts change.</summary>
    public override IEnumerable<(string Name, Tensor Values)> State => Layers.Select(layer => (layer.Weights.Weight.Name!, layer.Weights.Weight));

    private IEnumerable<(LinearAdapter Adapter, LinearWeights Weights)> Layers =>
        adapter.Linears.Select(layer => (layer.Value, model.Adapters.Projections[layer.Key].Weights));

    /// <inheritdoc/>
    public override void AfterStep(int step, double rate)
    {
        if ((step + 1) % every != 0) return;
        ulong restart = Noise.Mix(seed, (ulong)step);
        foreach ((LinearAdapter linear, LinearWeights weights) in Layers)
        {
            linear.Merge(weights.Weight, weights.Bias);
            AdapterStart.Begin((LoraAdapter)linear, Noise.Mix(restart, linear.Stream));
        }

        Prune();
    }

    private void Prune()
    {
        foreach ((string name, Tensor values) in optimizer.State)
        {
            float[] sizes = [.. values.Floats.AsSpan().ToArray().Select(MathF.Abs).Order()];
            int count = (int)(forgotten * sizes.Length);
            if (count == 0) continue;
            float bound = sizes[count - 1];
            foreach (ref float value in values.Floats.AsSpan())
                if (MathF.Abs(value) <= bound) value = 0;
        }
    }
}
