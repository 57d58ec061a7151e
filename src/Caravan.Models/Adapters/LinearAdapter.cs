using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>What an adapter does to one linear layer whose own weights stay as they are.</summary>
internal abstract class LinearAdapter : IDisposable
{
    /// <summary>What it has learnt, under names that are unique in the layer.</summary>
    public abstract IReadOnlyList<AdapterTensor> Tensors { get; }

    /// <summary>How often what it adds counts: s.</summary>
    public abstract float Scaling { get; }

    /// <summary>What it has learnt.</summary>
    public IEnumerable<Tensor> Parameters => Tensors.Select(tensor => tensor.Tensor);

    /// <summary>Which random numbers are this layer's own; see <see cref="Dropout"/>.</summary>
    public ulong Stream { get; private set; }

    /// <summary>What the adapted layer gives.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, K] F32.</param>
    /// <param name="product">[N, O] F32: x times the layer's own weight, without its bias.</param>
    /// <param name="layer">The layer's own weights.</param>
    /// <returns>[N, O] F32, with the bias.</returns>
    public abstract Tensor Forward(Pass pass, Tensor x, Tensor product, LinearWeights layer);

    /// <summary>Makes of the layer's weights what computes the same without the adapter.</summary>
    /// <param name="weight">[O, K] F32, changed in place.</param>
    /// <param name="bias">[O] F32, changed in place; null for a layer without.</param>
    public abstract void Merge(Tensor weight, Tensor? bias);

    /// <summary>The same in the blocks of the weight's own type, without another rounding of the codes.</summary>
    /// <returns>A new tensor of the weight's type; null where that cannot be done, as usual: then the weight is decoded, merged and encoded again.</returns>
    public virtual Tensor? MergeBlocks(Tensor weight) => null;

    /// <summary>Refuses a layer of another size.</summary>
    /// <exception cref="CaravanException">The sizes differ.</exception>
    public abstract void RequireFits(LinearWeights layer, string name, string adapter);

    /// <summary>Gives its tensors the name of the layer, and random numbers of their own.</summary>
    internal void Belong(string layer)
    {
        foreach (AdapterTensor tensor in Tensors) tensor.Tensor.Name = $"{layer}.{tensor.Name}";
        Stream = Noise.StreamOf(layer);
    }

    /// <summary>Frees what it has learnt.</summary>
    public virtual void Dispose()
    {
        foreach (Tensor parameter in Parameters) parameter.Dispose();
    }

    /// <summary>The product with the layer's bias, where it has one.</summary>
    protected static Tensor WithBias(Pass pass, Tensor product, LinearWeights layer) =>
        layer.Bias is null ? product : AddBias.Forward(pass, product, layer.Bias);

    /// <summary>Refuses unless the tensors of each role fit the layer and each other.</summary>
    /// <param name="layer">The layer's own weights.</param>
    /// <param name="name">Its name.</param>
    /// <param name="adapter">The adapter's name.</param>
    /// <param name="columns">Columns of the tensors whose rows are directions of the inputs: the layer's inputs or groups of them.</param>
    protected void RequireFits(LinearWeights layer, string name, string adapter, long columns)
    {
        long outputs = layer.Weight.Shape[0], inputs = layer.Weight.Shape.Columns, rank = Tensors.First(tensor => tensor.Role == AdapterRole.Down).Tensor.Shape[0];
        foreach ((_, Tensor tensor, AdapterRole role) in Tensors)
        {
            bool fits = role switch
            {
                AdapterRole.Down => tensor.Shape.Rank == 2 && tensor.Shape[0] == rank && tensor.Shape[1] == columns,
                AdapterRole.Up => tensor.Shape.Rank == 2 && tensor.Shape[0] == outputs && tensor.Shape[1] == rank,
                AdapterRole.Directions => tensor.Shape.Elements == rank,
                AdapterRole.Outputs => tensor.Shape.Elements == outputs,
                _ => tensor.Shape.Elements == inputs,
            };
            if (!fits) throw new CaravanException($"The adapter '{adapter}' has {tensor.Name} {tensor.Shape} for '{name}', whose weight is {layer.Weight.Shape}; it was made for another model.");
        }
    }
}
