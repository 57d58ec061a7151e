using Caravan.Formats;
using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// Copies quantized matrices into memory in the order that products with many rows of activations like best (see
/// <see cref="KernelSet.Interleave"/>). The file is read through a second opening, so that its pages leave memory again and what remains is the
/// copy: as many bytes as before, but private ones.
/// </summary>
internal static class Repacker
{
    /// <summary>Repacks what can be, but for matrices whose rows are looked up one by one.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="matrices">Candidates.</param>
    /// <param name="lookedUp">The name of the embedding.</param>
    public static void Run(string path, IReadOnlyList<MappedMatrix> matrices, string lookedUp)
    {
        using WorkerPool workers = new(Cpu.Cores);
        using KernelSet kernels = KernelSet.For(Cpu.Best, workers);
        using SourceWeights source = new(path);
        foreach (MappedMatrix matrix in matrices)
        {
            (long outputs, long columns) = (matrix.Weight.Shape[0], matrix.Weight.Shape.Columns);
            if (matrix.Weight.Name == lookedUp || !kernels.CanInterleave(matrix.Weight.DType, outputs, columns)) continue;
            NativeSpan<byte> stored = matrix.Source.Cut(source.Read(matrix.Source.Tensor));
            NativeBuffer copy = new(stored.Length, clear: false);
            kernels.Interleave(matrix.Weight.DType, stored, columns, copy.Bytes);
            matrix.Weight.Replace(copy);
        }
    }
}
