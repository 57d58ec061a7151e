using System.Collections.Immutable;

namespace Caravan.Models;

/// <summary>A linear layer as Hugging Face's files name it: one layer of the model, or several whose matrices they keep in one.</summary>
/// <param name="Names">Its names, such as <c>model.layers.3.self_attn.qkv_proj</c>; the first is the usual one, the others stand in base models saved alone.</param>
/// <param name="Parts">The layers of the model, in the order of their rows.</param>
/// <param name="Transposed">Whether its matrix is stored as [inputs, outputs].</param>
internal sealed record AdapterModule(ImmutableArray<string> Names, ImmutableArray<AdapterPart> Parts, bool Transposed)
{
    /// <summary>Its usual name.</summary>
    public string Name => Names[0];

    /// <summary>Whether it holds more than one layer, or more than it.</summary>
    public bool IsFused => Parts[0].Rows is not null;

    /// <summary>Outputs of the module.</summary>
    public long OutputsOf(AdapterTable table) => Parts[0].Rows?.DiskRows ?? table.Projections[Parts[0].Layer].Weights.Weight.Shape[0];
}

/// <summary>A layer of the model in a module.</summary>
/// <param name="Layer">Its canonical name, such as <c>layers.3.attention.query</c>.</param>
/// <param name="Rows">Which of the module's outputs are its own; null for all.</param>
/// <param name="Order">Where the outputs of heads lie that a rotary embedding pairs, if the model pairs them otherwise than Hugging Face: of rows of the model the module's.</param>
internal sealed record AdapterPart(string Layer, RowRuns? Rows, RowOrder? Order)
{
    /// <summary>The module's output that is an output of the layer.</summary>
    public long ModuleRow(long row)
    {
        long own = Order?.SourceRow(row) ?? row;
        return Rows?.DiskRow(own) ?? own;
    }
}
