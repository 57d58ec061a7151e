using Caravan.Tensors;

namespace Caravan.Cli;

/// <summary>Rows of logits, [rows, V], as the model gave them.</summary>
internal sealed class RawLogits(Tensor logits)
{
    private int Vocabulary => (int)logits.Shape.Columns;

    /// <summary>Number of rows.</summary>
    public int Rows => (int)(logits.Shape.Elements / Vocabulary);

    /// <summary>One row.</summary>
    public ReadOnlySpan<float> Row(int row) => logits.Floats.AsSpan((long)row * Vocabulary, Vocabulary);

    /// <summary>The most probable token of a row, the lowest number among equals.</summary>
    public int ArgMax(int row)
    {
        ReadOnlySpan<float> values = Row(row);
        int best = 0;
        for (int i = 1; i < values.Length; i++)
            if (values[i] > values[best]) best = i;
        return best;
    }

    /// <summary>The most probable tokens of a row.</summary>
    public IEnumerable<(int Id, float Logit, double Probability)> Top(int row, int count)
    {
        float[] values = Row(row).ToArray();
        double largest = values[ArgMax(row)], sum = values.Sum(value => Math.Exp(value - largest));
        return Enumerable.Range(0, values.Length)
            .OrderByDescending(id => values[id])
            .Take(count)
            .Select(id => (id, values[id], Math.Exp(values[id] - largest) / sum));
    }

    /// <summary>Whether every number is finite.</summary>
    public bool IsFinite()
    {
        for (int row = 0; row < Rows; row++)
            foreach (float value in Row(row))
                if (!float.IsFinite(value)) return false;
        return true;
    }
}
