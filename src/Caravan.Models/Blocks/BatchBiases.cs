namespace Caravan.Models;

/// <summary>The biases of a batch, by the number of their table.</summary>
internal readonly record struct BatchBiases(LayerBias[] Biases)
{
    /// <summary>Nothing for layers without, whose table is −1.</summary>
    public LayerBias this[int table] => table < 0 ? default : Biases[table];
}
