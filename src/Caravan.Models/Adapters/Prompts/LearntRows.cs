using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>Rows that are learnt as they are.</summary>
internal sealed class LearntRows : PromptEncoder
{
    private readonly Tensor rows;

    /// <summary>Rows that begin as these.</summary>
    /// <param name="rows">[P, W] F32.</param>
    public LearntRows(Tensor rows) => this.rows = Learnt("embedding.weight", rows);

    /// <inheritdoc/>
    public override int Count => (int)rows.Shape[0];

    /// <inheritdoc/>
    public override long Width => rows.Shape.Columns;

    /// <inheritdoc/>
    public override Tensor Forward(Pass pass) => rows;
}
