using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>Products of two narrow matrices, computed in double.</summary>
internal static class LowRank
{
    /// <summary>weight += scaling · B·diag(gate)·A.</summary>
    /// <param name="weight">[O, K] F32.</param>
    /// <param name="a">[r, K] F32, or [r, L] where each column stands for K/L neighbouring ones.</param>
    /// <param name="b">[O, r] F32.</param>
    /// <param name="scaling">Any number.</param>
    /// <param name="gate">A number for each of the r directions; null for 1.</param>
    public static void AddTo(Tensor weight, Tensor a, Tensor b, double scaling, Tensor? gate = null)
    {
        int columns = checked((int)weight.Shape.Columns);
        double[] row = new double[checked((int)a.Shape.Columns)];
        int group = columns / row.Length;
        for (long output = 0; output < weight.Shape[0]; output++)
        {
            Row(a, b, scaling, gate, output, row);
            Span<float> into = weight.Floats.AsSpan(output * columns, columns);
            for (int column = 0; column < columns; column++) into[column] = (float)(into[column] + row[column / group]);
        }
    }

    /// <summary>A row of scaling · B·diag(gate)·A.</summary>
    /// <param name="a">[r, L] F32.</param>
    /// <param name="b">[O, r] F32.</param>
    /// <param name="scaling">Any number.</param>
    /// <param name="gate">A number for each of the r directions; null for 1.</param>
    /// <param name="output">Which row.</param>
    /// <param name="row">Gets its L elements.</param>
    public static void Row(Tensor a, Tensor b, double scaling, Tensor? gate, long output, Span<double> row)
    {
        row.Clear();
        long rank = a.Shape[0];
        for (long i = 0; i < rank; i++)
        {
            double factor = scaling * b.Floats[(output * rank) + i] * (gate?.Floats[i] ?? 1);
            ReadOnlySpan<float> direction = a.Floats.AsSpan(i * row.Length, row.Length);
            for (int column = 0; column < row.Length; column++) row[column] += factor * direction[column];
        }
    }
}
