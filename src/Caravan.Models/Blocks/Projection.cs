using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// A linear layer with its weights: y = scale · x · weightᵀ + bias, where the scale is 1 or, where inputs are scaled, 1/√inputs. Rows whose
/// sequence has an adapter pass through that too.
/// </summary>
internal sealed class Projection
{
    private readonly LinearWeights weights;
    private readonly float inputScale;
    private readonly AdapterRows rows;
    private LinearAdapter?[] adapters = [];

    public Projection(WeightReader reader, string name, int outputs, int inputs, bool hasBias, bool scaledInputs = false)
    {
        weights = new LinearWeights(reader.Matrix($"{name}.weight", outputs, inputs), hasBias ? reader.Vector($"{name}.bias", outputs) : null);
        inputScale = scaledInputs ? 1 / MathF.Sqrt(inputs) : 1;
        rows = reader.AdapterRows;
        reader.Adapters.Add(name, this);
    }

    /// <summary>Its own weights.</summary>
    public LinearWeights Weights => weights;

    /// <summary>The bias is added behind adapters, where there are any.</summary>
    private LinearWeights Own => IsAdapted ? weights with { Bias = null } : weights;

    private bool IsAdapted => rows.Current.Any && adapters.Length > 0;

    /// <summary>Two layers of the same rows at once; both scale them or neither does.</summary>
    public static (Tensor First, Tensor Second) Forward(Pass pass, Tensor x, Projection first, Projection second)
    {
        x = first.Scaled(pass, x);
        (Tensor y0, Tensor y1) = Linear.Forward(pass, x, first.Own, second.Own);
        return (first.Adapted(pass, x, y0), second.Adapted(pass, x, y1));
    }

    /// <summary>Three layers of the same rows at once; all scale them or none does.</summary>
    public static (Tensor First, Tensor Second, Tensor Third) Forward(Pass pass, Tensor x, Projection first, Projection second, Projection third)
    {
        x = first.Scaled(pass, x);
        (Tensor y0, Tensor y1, Tensor y2) = Linear.Forward(pass, x, first.Own, second.Own, third.Own);
        return (first.Adapted(pass, x, y0), second.Adapted(pass, x, y1), third.Adapted(pass, x, y2));
    }

    public Tensor Forward(Pass pass, Tensor x)
    {
        x = Scaled(pass, x);
        LinearWeights own = Own;
        return Adapted(pass, x, Linear.Forward(pass, x, own.Weight, own.Bias));
    }

    /// <summary>The same without adapters.</summary>
    public Tensor ForwardOwn(Pass pass, Tensor x) => Linear.Forward(pass, Scaled(pass, x), weights.Weight, weights.Bias);

    /// <summary>Lets rows of a slot pass through an adapter; null for none.</summary>
    internal void Adapt(int slot, LinearAdapter? adapter)
    {
        if (slot >= adapters.Length) Array.Resize(ref adapters, slot + 1);
        adapters[slot] = adapter;
        if (adapters.All(one => one is null)) adapters = [];
    }

    private Tensor Scaled(Pass pass, Tensor x) => Scale.Forward(pass, x, inputScale);

    private Tensor Adapted(Pass pass, Tensor x, Tensor product)
    {
        if (!IsAdapted) return product;
        BatchAdapters batch = rows.Current;
        if (batch.Slot >= 0) return AdapterOf(batch.Slot)?.Forward(pass, x, product, weights) ?? WithBias(pass, product);
        if (x.Shape.Rows != batch.Count) throw new InvalidOperationException($"Several adapters at once change layers that see the rows of the batch only, not {x}.");
        Tensor y = WithBias(pass, product);
        foreach (AdapterGroup group in batch.Groups.AsSpan())
        {
            if (AdapterOf(group.Slot) is not { } adapter) continue;
            NativeSpan<int> own = batch.RowsOf(group);
            Tensor some = Embedding.Forward(pass, x, own.AsSpan()), products = Embedding.Forward(pass, product, own.AsSpan());
            y = PlaceRows.Forward(pass, y, adapter.Forward(pass, some, products, weights), own);
        }

        return y;
    }

    private LinearAdapter? AdapterOf(int slot) => slot < adapters.Length ? adapters[slot] : null;

    private Tensor WithBias(Pass pass, Tensor product) => weights.Bias is null ? product : AddBias.Forward(pass, product, weights.Bias);
}
