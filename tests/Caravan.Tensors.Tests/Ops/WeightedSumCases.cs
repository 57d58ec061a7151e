using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class WeightedSumCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(33);
        foreach ((int rows, int terms, int columns) in new[] { (1, 1, 1), (3, 2, 5), (2, 4, 37), (300, 2, 130) })
        {
            int[] places = [.. Enumerable.Range(0, rows * terms)];
            random.Shuffle(places);
            yield return new OpCase
            {
                Operator = typeof(WeightedSum),
                Name = $"[{rows}, {terms}] of {columns} columns",
                Large = rows > 100,
                Inputs = [OpInput.Random(random, places.Length, columns), OpInput.Random(random, rows, terms)],
                Run = (pass, t) => WeightedSum.Forward(pass, t[0], FusedTests.Native(pass, places), t[1]),
                Forward = v =>
                [
                    .. Enumerable.Range(0, rows * columns).Select(i =>
                        Real.Dot(terms, j => v[1][(i / columns * terms) + j], j => v[0][(places[(i / columns * terms) + j] * columns) + (i % columns)])),
                ],
                Backward = (v, c) =>
                [
                    [.. Enumerable.Range(0, places.Length * columns).Select(i => OfRow(Array.IndexOf(places, i / columns), i % columns, v[1], c))],
                    [.. places.Select((place, term) => Real.Dot(columns, k => c[(term / terms * columns) + k], k => v[0][(place * columns) + k]))],
                ],
            };

            Real OfRow(int term, int column, double[] weights, double[] c) => (Real)weights[term] * c[(term / terms * columns) + column];
        }
    }
}
