using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>What the weights of a model become with an adapter in them: then the model computes the same without it, but for rounding to the weights' own types.</summary>
internal sealed class AdapterMerge : IDisposable
{
    private readonly Dictionary<string, (Tensor Merged, Tensor Own)> tensors = new(StringComparer.Ordinal);

    /// <summary>Merges; the model stays as it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="adapter">What was learnt; for layers of this model.</param>
    /// <exception cref="CaravanException">The adapter is more than its linear layers, was made for another model, or weights were repacked.</exception>
    public AdapterMerge(Model model, Adapter adapter)
    {
        if (adapter.VirtualTokens is not null || adapter.Attentions.Count > 0)
            throw new CaravanException($"The adapter '{adapter.Name}' has virtual tokens or prompts for attention, which are no part of any weight; attach it instead of merging it.");
        try
        {
            foreach ((string layer, LinearAdapter linear) in adapter.Linears)
            {
                LinearWeights weights = model.Adapters.ProjectionOf(layer, adapter).Weights;
                linear.RequireFits(weights, layer, adapter.Name);
                if (weights.Weight.Interleaved) throw new CaravanException($"'{model.Path}' was repacked, and repacked weights cannot be merged with; load it without repacking.");
                Merge(linear, weights);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What a weight has become; null for those that did not change.</summary>
    /// <param name="canonical">Its canonical name.</param>
    public Tensor? Find(string canonical) => tensors.TryGetValue(canonical, out (Tensor Merged, Tensor Own) pair) ? pair.Merged : null;

    /// <summary>Puts the merged weights into the model, and the model's own here; done again, it takes them out, bit for bit.</summary>
    public void Exchange()
    {
        foreach ((Tensor merged, Tensor own) in tensors.Values) own.Exchange(merged);
    }

    /// <summary>Frees what is here: the merged weights, or, after <see cref="Exchange"/>, those that they replaced.</summary>
    public void Dispose()
    {
        foreach ((Tensor merged, _) in tensors.Values) merged.Dispose();
    }

    private void Merge(LinearAdapter linear, LinearWeights weights)
    {
        Tensor weight = weights.Weight;
        Tensor? blocks = linear.MergeBlocks(weight), bias = weights.Bias is null ? null : Decoded(weights.Bias);
        if (blocks is null)
        {
            using Tensor values = Decoded(weight);
            linear.Merge(values, bias);
            blocks = Tensor.Allocate(weight.Shape, weight.DType, weight.Name);
            QuantFormats.Of(weight.DType).Encode(values.Floats, blocks.Bytes, weight.Shape.Columns);
        }

        tensors.Add(weight.Name!, (blocks, weight));
        if (bias is not null) tensors.Add(weights.Bias!.Name!, (bias, weights.Bias));
    }

    private static Tensor Decoded(Tensor weight)
    {
        Tensor values = Tensor.Allocate(weight.Shape, name: weight.Name);
        QuantFormats.Of(weight.DType).Decode(weight.Bytes, values.Floats);
        return values;
    }
}
