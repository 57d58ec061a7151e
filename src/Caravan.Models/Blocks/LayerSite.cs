namespace Caravan.Models;

/// <summary>Where in a model a block is built, and what it is built from.</summary>
/// <param name="Layer">Number of its layer.</param>
/// <param name="HiddenSize">Features of the residual stream.</param>
/// <param name="Rotary">The model's rotary tables.</param>
/// <param name="Biases">The model's linear biases.</param>
/// <param name="Weights">The checkpoint.</param>
/// <param name="Prefix">What stands before the names of the stack's weights; empty for a decoder.</param>
internal readonly record struct LayerSite(int Layer, int HiddenSize, RotaryTables Rotary, BiasTables Biases, WeightReader Weights, string Prefix = "")
{
    /// <summary>The canonical name of a part of the layer.</summary>
    public string NameOf(string part) => $"{Prefix}layers.{Layer}.{part}";
}
