using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>What every method is given.</summary>
internal sealed record MethodContext
{
    /// <summary>Where it computes.</summary>
    public required Device Device { get; init; }

    /// <summary>The model that learns.</summary>
    public required Policy Policy { get; init; }

    /// <summary>The model as it was before, for methods that hold on to it: the base without its adapter, or another copy of the weights; null where a method needs none.</summary>
    public Policy? Reference { get; init; }

    /// <summary>Loads models that the method reads beside it, and frees them.</summary>
    public SecondModels Others { get; init; } = new();

    /// <summary>What is learnt from.</summary>
    public required BatchSource Data { get; init; }

    /// <summary>What is held out, in parts that fit into memory; empty for nothing.</summary>
    public IReadOnlyList<PackedBatch> HeldOut { get; init; } = [];

    /// <summary>About how many tokens pass through the model at once.</summary>
    public int MicroBatchTokens { get; init; } = 2048;

    /// <summary>Where chance begins.</summary>
    public ulong Seed { get; init; }
}
