namespace Caravan.Tensors;

/// <summary>A part of a pass that can be computed again: from the same rows it makes the same results, bit for bit.</summary>
internal interface IRecomputed
{
    /// <summary>Computes it.</summary>
    /// <param name="pass">Where.</param>
    /// <param name="rows">[n, D] F32: some of the rows, or all.</param>
    /// <param name="first">Number of the first of them.</param>
    Tensor Forward(Pass pass, Tensor rows, long first);
}
