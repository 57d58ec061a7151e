namespace Caravan.Models;

/// <summary>What the rows of virtual tokens are.</summary>
internal enum PromptPlace
{
    /// <summary>Token embeddings, [P, D].</summary>
    Embeddings,

    /// <summary>Keys and values of every attention layer, where it has rotated them: [P, key and value of the first layer, of the second, …].</summary>
    KeysAndValues,
}
