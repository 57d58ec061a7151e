using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class EmbeddingCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(3);
        int[] repeated = [4, 0, 4, 4, 1, 0, 4];
        foreach (int columns in new[] { 1, 3, 16, 37 })
            yield return Case(OpInput.Random(random, 5, columns), repeated, $"{columns} columns, repeated rows");
        int[] many = [.. Enumerable.Range(0, 2_000).Select(_ => random.Next(50))];
        yield return Case(OpInput.Random(random, 50, 24), many, "2,000 rows, shared");
        foreach (DType type in QuantFormats.All.Select(format => format.DType))
            yield return Case(OpInput.Encoded(random, type, 5, type.BlockElements() == 1 ? 37 : 512), repeated, $"frozen {type}");
    }

    private static OpCase Case(OpInput table, int[] rows, string name)
    {
        long columns = table.Shape.Columns;
        return new OpCase
        {
            Operator = typeof(Embedding),
            Name = name,
            Large = rows.Length > 100,
            Inputs = [table],
            Run = (pass, x) => Embedding.Forward(pass, x[0], rows),
            Forward = x => [.. rows.SelectMany(row => x[0].Skip((int)(row * columns)).Take((int)columns)).Select(value => (Real)value)],
            Backward = (_, c) => [table.Differentiable ? Backward(table.Shape, rows, c) : null],
        };
    }

    private static Real[] Backward(Shape table, int[] rows, double[] c)
    {
        Real[] gradient = new Real[table.Elements];
        for (int row = 0; row < table[0]; row++)
        {
            int[] uses = [.. Enumerable.Range(0, rows.Length).Where(n => rows[n] == row)];
            for (int k = 0; k < table.Columns; k++) gradient[(row * table.Columns) + k] = Real.Sum(uses.Select(n => (Real)c[(n * table.Columns) + k]));
        }

        return gradient;
    }
}
