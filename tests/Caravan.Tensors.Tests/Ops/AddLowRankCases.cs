using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Ranks and widths below, at and above tiles of four and registers. What is added to is no input: its gradient is the result's own.</summary>
internal static class AddLowRankCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(3);
        foreach ((int rows, int rank, int columns) in new[] { (1, 1, 1), (3, 2, 5), (7, 8, 48), (6, 5, 16), (33, 16, 304), (5, 17, 32) })
        {
            OpInput z = OpInput.Random(random, rows, rank), factors = OpInput.Random(random, rank, columns);
            yield return new OpCase
            {
                Operator = typeof(AddLowRank),
                Name = $"[{rows}, {rank}] · [{rank}, {columns}]",
                Large = rows * rank * columns > 20_000,
                Inputs = [z, factors],
                Run = (pass, t) => AddLowRank.Forward(pass, Base(pass, rows, columns), t[0], t[1]),
                Forward = v => [.. Enumerable.Range(0, rows * columns).Select(i => BaseOf(i) + Real.Dot(rank, r => v[0][(i / columns * rank) + r], r => v[1][(r * columns) + (i % columns)]))],
                Backward = (v, c) =>
                [
                    [.. Enumerable.Range(0, rows * rank).Select(i => Real.Dot(columns, o => c[(i / rank * columns) + o], o => v[1][(i % rank * columns) + o]))],
                    [.. Enumerable.Range(0, rank * columns).Select(i => Real.Dot(rows, n => v[0][(n * rank) + (i / columns)], n => c[(n * columns) + (i % columns)]))],
                ],
            };
        }
    }

    private static Tensor Base(Pass pass, int rows, int columns)
    {
        Tensor y = pass.Result(new Shape(rows, columns));
        NativeSpan<float> elements = y.Floats;
        for (int i = 0; i < elements.Length; i++) elements[i] = BaseOf(i);
        return y;
    }

    private static float BaseOf(int i) => (i % 7) - 3;
}
