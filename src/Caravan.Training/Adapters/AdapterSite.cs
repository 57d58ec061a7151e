using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>A linear layer for which an adapter is made.</summary>
/// <param name="Layer">The layer's own weights.</param>
/// <param name="Options">How the adapter is to be.</param>
/// <param name="Seed">Of this layer's first numbers.</param>
internal sealed record AdapterSite(LinearWeights Layer, AdapterOptions Options, ulong Seed)
{
    /// <summary>K.</summary>
    public long Inputs => Layer.Weight.Shape.Columns;

    /// <summary>O.</summary>
    public long OutputCount => Layer.Weight.Shape[0];

    /// <summary>s.</summary>
    public float Scaling => Options.ScalingOf(Options.Rank);

    /// <summary>The part of the inputs that is left out.</summary>
    public float DropoutRate => (float)Options.Dropout;

    /// <summary>A: [r, K] or [r, columns], random.</summary>
    public Tensor Down(long? columns = null)
    {
        Tensor down = Zeros(Options.Rank, columns ?? Inputs);
        AdapterStart.Uniform(down, Seed);
        return down;
    }

    /// <summary>B: [O, r], zeros.</summary>
    public Tensor Up() => Zeros(OutputCount, Options.Rank);

    /// <summary>[O], zeros.</summary>
    public Tensor Outputs() => Zeros(OutputCount);

    /// <summary>Zeros of any shape.</summary>
    public Tensor Zeros(params ReadOnlySpan<long> dimensions) => Tensor.Allocate(new Shape(dimensions));
}
