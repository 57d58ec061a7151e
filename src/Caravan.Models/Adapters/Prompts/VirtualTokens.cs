using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// Tokens that an adapter puts before each of its sequences. They take the sequence's first positions and are rows of a batch like others; their
/// rows come from the adapter: as embeddings, or in each layer as the keys and values that later tokens see of them.
/// </summary>
/// <param name="encoder">What makes their rows.</param>
/// <param name="place">What the rows are.</param>
internal sealed class VirtualTokens(PromptEncoder encoder, PromptPlace place) : IDisposable
{
    /// <summary>What the rows are.</summary>
    public PromptPlace Place => place;

    /// <summary>What makes them.</summary>
    public PromptEncoder Encoder => encoder;

    /// <summary>How many there are.</summary>
    public int Count => encoder.Count;

    /// <summary>What stands for one in the tokens of a batch: a number that is no token's.</summary>
    public static int IdOf(int number) => -1 - number;

    /// <summary>Whether a token of a batch is virtual.</summary>
    public static bool Is(int token) => token < 0;

    /// <summary>The rows of those that are in a batch.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="slot">This adapter's slot.</param>
    public PromptRows RowsIn(Pass pass, Batch batch, int slot)
    {
        NativeSpan<int> places = pass.Workspace.Take<int>(batch.Count), numbers = pass.Workspace.Take<int>(batch.Count);
        int count = 0;
        for (int i = 0; i < batch.Sequences; i++)
        {
            if (batch.Adapters[i] != slot) continue;
            for (int row = batch.Segments[i].QueryStart; row < batch.Segments[i].QueryStart + batch.Segments[i].QueryCount && Is(batch.Tokens[row]); row++)
                (places[count], numbers[count++]) = (row, IdOf(batch.Tokens[row]));
        }

        return count == 0 ? default : new PromptRows(place, Embedding.Forward(pass, encoder.Forward(pass), numbers.AsSpan(0, count)), places.Slice(0, count));
    }

    /// <summary>Frees what was learnt.</summary>
    public void Dispose() => encoder.Dispose();
}
