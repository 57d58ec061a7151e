using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>One of the biases of a model, as a table for a batch.</summary>
internal abstract class BiasTable
{
    /// <summary>The table for a batch, in the pass's workspace.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="batch">The sequences.</param>
    /// <param name="longest">Keys of the longest of them.</param>
    public abstract LayerBias Fill(Pass pass, Batch batch, int longest);
}
