namespace Caravan.Models;

/// <summary>How a weight is kept on disk. A name alone means: as the model computes with it.</summary>
/// <param name="Name">The tensor's name with <c>{n}</c> for the layer and <c>{e}</c> for the expert; without the latter it is a stack, one matrix an expert.</param>
internal sealed record StoredWeight(string Name)
{
    /// <summary>Which rows of the tensor are this weight, where it holds several; null for all.</summary>
    public RowsOf? Rows { get; init; }

    /// <summary>Whether the matrix is stored as [inputs, outputs] (GPT-2's Conv1D); more dimensions than two count as one after the first.</summary>
    public bool Transposed { get; init; }

    /// <summary>Whether a stack has one matrix below the other, in two dimensions (DBRX).</summary>
    public bool Flat { get; init; }

    /// <summary>Whether the tensor is a stack, one matrix an expert, although only some rows of each are this weight.</summary>
    public bool Stacked { get; init; }

    /// <summary>Whether each row is divided by its length when it is written.</summary>
    public bool UnitRows { get; init; }

    /// <summary>Where a dimension of 1 stands in the stored shape (the kernels of PyTorch's Conv1d); null for nowhere.</summary>
    public int? UnitDimension { get; init; }

    /// <summary>How many dimensions of 1 stand before a vector's own (PyTorch's parameters that meet a batch of sequences); 0 for as many as there were.</summary>
    public int LeadingUnits { get; init; }

    /// <summary>What the model computes with as a function of what is stored; null for the same.</summary>
    public ElementMap? Map { get; init; }

    /// <summary>Stored as it is.</summary>
    public static implicit operator StoredWeight(string name) => new(name);
}

/// <summary>Which rows of a tensor are a weight, given the layer and the number of the expert.</summary>
internal delegate RowRuns RowsOf(LayerSpec layer, int expert);
