using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>A number for each row, out of a tensor and cut by sequences.</summary>
internal static class RowValues
{
    /// <summary>All elements as doubles.</summary>
    public static double[] Of(Tensor rows)
    {
        double[] values = new double[rows.Shape.Elements];
        for (int i = 0; i < values.Length; i++) values[i] = rows.Floats[i];
        return values;
    }

    /// <summary>The numbers of each sequence.</summary>
    /// <param name="values">Those of one sequence after those of another.</param>
    /// <param name="lengths">How many are each sequence's.</param>
    public static IReadOnlyList<double[]> Split(double[] values, IEnumerable<int> lengths)
    {
        List<double[]> pieces = [];
        int start = 0;
        foreach (int length in lengths)
        {
            pieces.Add(values[start..(start + length)]);
            start += length;
        }

        return pieces;
    }
}
