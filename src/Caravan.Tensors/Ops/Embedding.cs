using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Rows of a table by number: token embeddings, and picking the rows of a batch whose logits are wanted.</summary>
internal static class Embedding
{
    /// <summary>y[n, :] = table[indices[n], :].</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="table">[V, D], any real type.</param>
    /// <param name="indices">N row numbers in [0, V).</param>
    /// <returns>[N, D] F32. Gradient: dtable[indices[n], :] += dy[n, :] (tables that are trained are F32).</returns>
    /// <exception cref="CaravanException">An index is outside the table.</exception>
    public static Tensor Forward(Pass pass, Tensor table, ReadOnlySpan<int> indices)
    {
        ShapeGuard.Require(table.Shape.Rank == 2, $"Embedding: the table {table} must have two dimensions.");
        long columns = table.Shape.Columns;
        Tensor y = pass.Result(new Shape(indices.Length, columns), table);
        NativeSpan<int> rows = pass.Workspace.Take<int>(indices.Length);
        indices.CopyTo(rows.AsSpan());
        foreach (int index in indices)
            ShapeGuard.Require((uint)index < (ulong)table.Shape[0], $"Embedding: row {index} is outside the table {table}.");
        pass.Kernels.GatherRows(table.DType, table.Bytes, columns, rows, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<EmbeddingStep>().Set(table, rows, y);
        return y;
    }
}

file sealed class EmbeddingStep : TapeStep
{
    private Tensor table = null!, y = null!;
    private NativeSpan<int> rows;

    public void Set(Tensor table, NativeSpan<int> rows, Tensor y) => (this.table, this.rows, this.y) = (table, rows, y);

    public override void Backward(Pass pass) => pass.Kernels.AddToRows(pass.GradientOf(y), rows, pass.GradientOf(table));
}
