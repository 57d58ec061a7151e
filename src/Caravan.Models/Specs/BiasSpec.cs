namespace Caravan.Models;

/// <summary>What is added to the products of queries and keys by their places.</summary>
internal abstract record BiasSpec
{
    /// <summary>What computes it, with its weights.</summary>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="prefix">What stands before the names of the stack's weights.</param>
    public abstract BiasTable Build(WeightReader weights, string prefix);
}
