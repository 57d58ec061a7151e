using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>Products of two narrow matrices, computed in double.</summary>
internal static class LowRank
{
    /// <summary>weight += scaling · B·A.</summary>
    /// <param name="weight">[O, K] F32.</param>
    /// <param name="a">[r, K] F32.</param>
    /// <param name="b">[O, r] F32.</param>
    /// <param name="scaling">Any number.</param>
    public static void AddTo(Tensor weight, Tensor a, Tensor b, double scaling)
    {
        int columns = checked((int)weight.Shape.Columns), rank = checked((int)a.Shape[0]);
        double[] row = new double[columns];
        for (long output = 0; output < weight.Shape[0]; output++)
        {
            Array.Clear(row);
            for (int i = 0; i < rank; i++)
            {
                double factor = scaling * b.Floats[(output * rank) + i];
                ReadOnlySpan<float> direction = a.Floats.AsSpan((long)i * columns, columns);
                for (int column = 0; column < columns; column++) row[column] += factor * direction[column];
            }

            Span<float> into = weight.Floats.AsSpan(output * columns, columns);
            for (int column = 0; column < columns; column++) into[column] = (float)(into[column] + row[column]);
        }
    }
}
