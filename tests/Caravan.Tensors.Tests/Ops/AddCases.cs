using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class AddCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(1);
        foreach ((int rows, int columns) in new[] { (1, 1), (2, 5), (3, 16), (7, 19), (33, 6), (33, 1100) })
        {
            yield return new OpCase
            {
                Operator = typeof(Add),
                Name = $"[{rows}, {columns}]",
                Large = rows * columns > 10_000,
                Inputs = [OpInput.Random(random, rows, columns), OpInput.Random(random, rows, columns)],
                Run = (pass, x) => Add.Forward(pass, x[0], x[1]),
                Forward = x => [.. x[0].Zip(x[1], (a, b) => (Real)a + b)],
                Backward = (_, c) => [Exact(c), Exact(c)],
            };
        }
    }

    private static Real[] Exact(double[] values) => [.. values.Select(value => (Real)value)];
}
